import { AudioFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { FrameReader } from '../../src/audio/frames.js';
import { RoomClock } from '../../src/audio/room-clock.js';

/** A track that is fed by hand, read by a reader on a clock that moves by hand. */
function setUp(onFrame?: () => void) {
  let now = 0;
  const heard: { samples: number[]; at: number }[] = [];
  const track: { cancelled: boolean; feed?: (...samples: number[]) => void; close?: () => void } = {
    cancelled: false,
  };
  const audio = new ReadableStream<AudioFrame>({
    start: (controller) => {
      track.feed = (...samples) =>
        controller.enqueue(new AudioFrame(Int16Array.from(samples), 1000, 1, samples.length));
      track.close = () => controller.close();
    },
    cancel: () => {
      track.cancelled = true;
    },
  });
  const reader = new FrameReader({
    audio,
    sampleRate: 1000,
    clock: new RoomClock({ monotonicNow: () => now }),
    onFrame: (samples, at) => {
      onFrame?.();
      heard.push({ samples: [...samples], at });
    },
  });
  const passTo = (ms: number) => {
    now = ms;
  };
  return { track, reader, heard, passTo };
}

test('frames come in order, each with the time of its first sample', async () => {
  const { track, reader, heard, passTo } = setUp();
  passTo(102);
  track.feed?.(1, 2);
  await expect.poll(() => heard.length).toBe(1);
  passTo(105);
  track.feed?.(3, 4, 5);
  track.close?.();
  await reader.done;
  expect(heard).toEqual([
    { samples: [1, 2], at: 100 },
    { samples: [3, 4, 5], at: 102 },
  ]);
});

test('closing takes what has come, lets go of the track, and may be done twice', async () => {
  const { track, reader, heard } = setUp();
  track.feed?.(1);
  track.feed?.(2);
  await Promise.all([reader.close(), reader.close()]);
  await reader.close();
  await reader.done;
  expect(heard.map(({ samples }) => samples)).toEqual([[1], [2]]);
  expect(track.cancelled).toBe(true);
});

test('a track that ended by itself can be closed', async () => {
  const { track, reader } = setUp();
  track.close?.();
  await reader.done;
  await reader.close();
});

test('a frame that cannot be taken ends the reading and lets go of the track', async () => {
  const { track, reader } = setUp(() => {
    throw new Error('full');
  });
  track.feed?.(1);
  await expect(reader.done).rejects.toThrow('full');
  expect(track.cancelled).toBe(true);
});
