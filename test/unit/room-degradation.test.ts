import { ConnectionState } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logging.js';
import { RoomProcessMetrics } from '../../src/metrics/room-process-metrics.js';
import { writeSnapshots } from '../../src/metrics/snapshot.js';
import type { PulseEvent } from '../../src/pulse/events.js';
import { captionerOf, FakeRoom } from '../support/fake-room.js';

/** Time that passes is that of whoever looks whether the room keeps up; what is sent takes its own. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(1000 * seconds);

async function captioned() {
  const room = new FakeRoom();
  const metrics = new RoomProcessMetrics();
  const counted = metrics.openRoom();
  const lines: { level: number; msg: string; cause?: string }[] = [];
  const captioner = captionerOf(room, {
    metrics: counted,
    logger: createLogger('info', {
      write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]),
    }),
  });
  await captioner.start();
  room.publish(room.join('alice'), 'TR_alice');
  const [stream] = room.streams;
  if (!stream) throw new Error('no stream was opened');
  return {
    room,
    captioner,
    stream,
    lines,
    state: () => {
      const attributes = room.attributes.at(-1);
      return `${attributes?.['captions.state']}: ${attributes?.['captions.reason']}`;
    },
    values: async () => {
      const text = await writeSnapshots([await metrics.snapshot()]);
      const rows = text.split('\n').filter((line) => line.startsWith('captions_degradation'));
      return Object.fromEntries(rows.map((row) => row.split(' ') as [string, string]));
    },
    close: async () => {
      await captioner.end();
      counted.close();
      metrics.close();
    },
  };
}

const final = (text: string): PulseEvent => ({
  type: 'final',
  text,
  start: 0,
  end: 500,
  words: [],
  continuesWord: false,
  endOfTurn: true,
});
const steps = (direction: string, cause: string) =>
  `captions_degradation_steps_total{direction="${direction}",cause="${cause}"}`;

test('a room whose captions LiveKit takes too slowly gives up two steps, in order, and comes back slowly', async () => {
  const { room, stream, state, lines, values, close } = await captioned();
  const send = room.localParticipant.publishData;
  let release: () => void = () => undefined;
  const stuck = new Promise<void>((resolve) => (release = resolve));
  room.localParticipant.publishData = async (...args) => {
    await stuck;
    return send(...args);
  };
  stream.emit(final('so the plan is.'));
  await expect.poll(state).toMatch(/^live/);
  await pass(3);
  await expect.poll(state).toMatch(/^degraded: Captions are complete, but change less often/);
  expect(stream.largeChunks).toBe(false);
  await pass(2);
  await expect.poll(state).toMatch(/^degraded: Captions are complete, but come a little later/);
  expect(stream.largeChunks).toBe(true);
  await pass(60);
  expect(await values()).toMatchObject({
    captions_degradation_level: '2',
    [steps('up', 'captions_wait')]: '2',
    [steps('down', 'captions_wait')]: '0',
  });

  release();
  await expect.poll(() => room.published.length).toBe(1);
  await pass(9);
  expect(stream.largeChunks).toBe(true);
  await pass(3);
  expect(stream.largeChunks).toBe(false);
  await expect.poll(state).toMatch(/^degraded: .*change less often/);
  await pass(10);
  await expect.poll(state).toBe('live: ');
  expect(await values()).toMatchObject({
    captions_degradation_level: '0',
    [steps('down', 'captions_wait')]: '2',
  });
  const told = lines.filter(({ cause }) => cause !== undefined);
  expect(told.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    '1 a room cannot keep up: interims are sent less often',
    '2 a room still cannot keep up: audio goes to Pulse in larger pieces',
    '1 a room keeps up: audio goes to Pulse in small pieces again',
    '0 a room keeps up again: interims are sent as often as usual',
  ]);
  expect(JSON.stringify(told)).not.toContain('plan');
  await close();
});

test('a room whose audio Pulse takes too slowly does the same, but not while it catches up', async () => {
  const { stream, state, values, close } = await captioned();
  stream.unsentMs = 30_000;
  for (let second = 0; second < 7; second += 1) {
    await pass(1);
    stream.unsentMs -= 4000;
  }
  expect(stream.largeChunks).toBe(false);
  for (let second = 0; second < 8; second += 1) {
    stream.unsentMs += 300;
    await pass(1);
  }
  expect(stream.largeChunks).toBe(true);
  await expect.poll(state).toMatch(/^degraded/);
  expect(await values()).toMatchObject({ [steps('up', 'audio_waits')]: '2' });
  await close();
});

test('what its process gives up holds for a room and for who comes later, whatever the room itself needs', async () => {
  const { room, captioner, stream, state, values, close } = await captioned();
  captioner.processDegradation = 3;
  await expect.poll(state).toMatch(/^degraded: .*come a little later/);
  room.publish(room.join('bob'), 'TR_bob');
  expect(room.streams.map(({ largeChunks }) => largeChunks)).toEqual([true, true]);
  captioner.processDegradation = 1;
  await expect.poll(state).toMatch(/^degraded: .*change less often/);
  expect(stream.largeChunks).toBe(false);
  captioner.processDegradation = 0;
  await expect.poll(state).toBe('live: ');
  // The process counts its steps itself.
  expect(await values()).toMatchObject({ [steps('up', 'event_loop')]: '0' });
  await close();
});

test('captions that wait for a room that connects again are no reason', async () => {
  const { room, stream, state, close } = await captioned();
  room.localParticipant.publishData = () => new Promise(() => undefined);
  room.connectionState = ConnectionState.CONN_RECONNECTING;
  stream.emit(final('so the plan is.'));
  await pass(30);
  expect(state()).toBe('live: ');
  room.disconnect();
  await close();
});
