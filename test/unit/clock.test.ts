import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RoomClock } from '../../src/audio/room-clock.js';
import { TrackClock } from '../../src/audio/track-clock.js';

const RATE = 16_000;

/** Frames of 10 ms; `arrivals` are the times at which they come. */
function stamps(
  arrivals: readonly number[],
  clock = new TrackClock({ sampleRate: RATE }),
): number[] {
  return arrivals.map((at) => clock.stamp(160, at));
}

/** `count` frames that come every 10 ms from `first` on. */
function paced(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index * 10);
}

test('the room clock counts from its epoch on a clock that does not jump', () => {
  let unix = 1_700_000_000_000.4;
  let monotonic = 5000;
  const clock = new RoomClock({ unixNow: () => unix, monotonicNow: () => monotonic });
  expect(clock.epoch).toBe(1_700_000_000_000);
  expect(clock.now()).toBe(0);
  unix -= 3_600_000;
  monotonic += 1234.5;
  expect(clock.epoch).toBe(1_700_000_000_000);
  expect(clock.now()).toBe(1234.5);
});

test('a frame was heard before it arrived, and the next one follows it by its samples', () => {
  expect(stamps(paced(1010, 4))).toEqual([1000, 1010, 1020, 1030]);
  const clock = new TrackClock({ sampleRate: 48_000 });
  expect([clock.stamp(480, 510), clock.stamp(2400, 560), clock.stamp(480, 570)]).toEqual([
    500, 510, 560,
  ]);
});

test('bursts and jitter do not move the count', () => {
  const punctual = paced(1010, 400);
  const bursts = punctual.map((at) => Math.ceil(at / 200) * 200);
  const expected = stamps(bursts)[0] ?? 0;
  expect(stamps(bursts)).toEqual(paced(expected, 400));

  const jitter = punctual.map((at, index) => at + ((index * 7919) % 240));
  expect(stamps(jitter)).toEqual(paced(1000, 400));
});

test('a stall of this process does not move the count, however long', () => {
  const clock = new TrackClock({ sampleRate: RATE });
  stamps(paced(1010, 100), clock);
  // Two seconds pass before anything is read; then all of it comes within a few milliseconds.
  const backlog = paced(4010, 200).map((_, index) => 4010 + index * 0.02);
  expect(stamps(backlog, clock)).toEqual(paced(2000, 200));
  expect(stamps(paced(4020, 100), clock)).toEqual(paced(4000, 100));
});

test('audio that is missing moves the count forward, once that is certain', () => {
  const clock = new TrackClock({ sampleRate: RATE });
  stamps(paced(1010, 100), clock);
  const after = stamps(paced(7010, 100), clock);
  expect(after[0]).toBe(2000);
  const moved = after.findIndex((at, index) => at - (after[index - 1] ?? at) > 10);
  expect(moved * 10).toBe(200);
  expect(after.slice(moved)).toEqual(paced(7000 + moved * 10, 100 - moved));
});

test('missing audio is seen through the jitter of what follows', () => {
  const clock = new TrackClock({ sampleRate: RATE });
  stamps(paced(1010, 100), clock);
  const jittery = paced(3010, 100).map((at, index) => at + ((index * 7919) % 50));
  const last = stamps(jittery, clock).at(-1) ?? 0;
  expect(Math.abs(last - 3990)).toBeLessThanOrEqual(50);
});

test('a gap within the tolerance is no gap', () => {
  const clock = new TrackClock({ sampleRate: RATE });
  stamps(paced(1010, 100), clock);
  expect(stamps(paced(2260, 100), clock)).toEqual(paced(2000, 100));
});

test('when the first frame was the late one, the count waits for the clock and does not go back', () => {
  // A second of audio waited while the track was set up, and comes at once.
  const clock = new TrackClock({ sampleRate: RATE });
  const times = [
    ...stamps(
      Array.from({ length: 100 }, () => 5000),
      clock,
    ),
    ...stamps(paced(5010, 100), clock),
  ];
  expect(times[0]).toBe(4990);
  expect(times.every((at, index) => at >= (times[index - 1] ?? 0))).toBe(true);
  expect(times.at(-1)).toBe(5990 + 250);
});

test('times never go backwards and are never far ahead of the clock, whatever comes', () => {
  const frames = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 2000 }),
      samples: fc.integer({ min: 1, max: 4800 }),
    }),
  );
  fc.assert(
    fc.property(frames, (all) => {
      const clock = new TrackClock({ sampleRate: RATE });
      let now = 0;
      let last = 0;
      for (const { wait, samples } of all) {
        now += wait;
        const at = clock.stamp(samples, now);
        expect(at).toBeGreaterThanOrEqual(last);
        expect(at).toBeLessThanOrEqual(Math.max(last, now + 250));
        last = at;
      }
    }),
  );
});
