import { RpcError, type RpcInvocationData } from '@livekit/rtc-node';
import { describe, expect, test } from 'vitest';
import { RoomClock } from '../../src/audio/room-clock.js';
import { createLogger } from '../../src/logging.js';
import type { PulsePosition } from '../../src/pulse/recognised.js';
import { type HandoverOptions, serveHandover } from '../../src/room/handover.js';
import { HeldStream } from '../../src/room/held-stream.js';
import { TakeOver } from '../../src/room/take-over.js';
import type { RecogniserStream } from '../../src/room/track-captioner.js';

const NOTHING: PulsePosition = { until: undefined, tail: [] };

/** A stream that notes what is done with it. */
function noted() {
  const done: unknown[] = [];
  let from: PulsePosition | undefined;
  const open = (position?: PulsePosition): RecogniserStream => {
    from = position;
    return {
      push: (samples, at) => void done.push([samples.length, at]),
      updateOptions: (changes) => void done.push(changes),
      flush: () => void done.push('flush'),
      end: () => Promise.resolve(void done.push('end')),
      close: () => void done.push('close'),
      position: NOTHING,
      unconfirmedSpeech: undefined,
    };
  };
  return { open, done, from: () => from };
}

describe('a stream that is opened later', () => {
  test('keeps audio and changes in order until then, and passes on what comes after', async () => {
    const { open, done, from } = noted();
    const held = new HeldStream(open);
    held.push(new Int16Array(3), 100);
    held.updateOptions({ language: 'fr' });
    held.push(new Int16Array(4), 200);
    expect([held.since, done]).toEqual([100, []]);
    const ended = held.end();
    held.begin({ until: 90, tail: [] });
    held.push(new Int16Array(5), 300);
    await ended;
    expect(from()).toEqual({ until: 90, tail: [] });
    expect(done).toEqual([{ language: 'fr' }, [3, 100], [4, 200], [5, 300], 'end']);
  });

  test('that is closed before is never opened, and its end comes', async () => {
    const { open, done } = noted();
    const held = new HeldStream(open);
    const ended = held.end();
    held.close();
    held.begin();
    await ended;
    expect(done).toEqual([]);
  });
});

/** The old captioner, on a machine whose clock is 5 s ahead; called as if over the room. */
function predecessor(options: Partial<HandoverOptions> = {}) {
  let handler: ((data: RpcInvocationData) => Promise<string>) | undefined;
  const clock = new RoomClock({ unixNow: () => Date.now() + 5000 });
  const calls: string[] = [];
  const since = new Map<string, number>();
  serveHandover({
    self: { registerRpcMethod: (_method, given) => void (handler = given) },
    isAgent: (identity) => identity === 'captions-2',
    clock,
    stop: (asked) => {
      calls.push('stop');
      for (const [sid, time] of asked) since.set(sid, time);
      const tail = [{ text: 'plan', start: 700, end: 900 }];
      return Promise.resolve(new Map([['TR_a', { until: 1000, tail }]]));
    },
    done: () => void calls.push('done'),
    ...options,
  });
  const call = (payload: string, callerIdentity = 'captions-2') =>
    handler?.({ requestId: '1', callerIdentity, payload, responseTimeout: 1000 }) ??
    Promise.reject(new Error('no such method'));
  return { call, calls, clock, since };
}

describe('handing over', () => {
  test('the new captioner goes on where the old one stopped, on its own clock', async () => {
    const old = predecessor();
    const clock = new RoomClock();
    const { open, from } = noted();
    const takeOver = new TakeOver({
      self: { performRpc: ({ payload }) => old.call(payload) },
      from: 'captions-1',
      clock,
      logger: createLogger('silent'),
    });
    const stream = takeOver.hold('TR_a', open);
    stream.push(new Int16Array(800), clock.now());
    await takeOver.run();
    await expect.poll(() => old.calls).toEqual(['stop', 'done']);
    const ahead = old.clock.epoch - clock.epoch - 5000;
    // Both clocks count from about now: what differs is the time between their beginnings.
    expect(from()?.until).toBeGreaterThan(1000 + ahead - 500);
    expect(from()?.until).toBeLessThan(1000 + ahead + 500);
    expect(from()?.tail[0]?.text).toBe('plan');
    expect(old.since.get('TR_a')).toBeGreaterThan(-500);
    expect(old.since.get('TR_a')).toBeLessThan(500);
  });

  test('where the old captioner is gone, it begins with all that it has heard', async () => {
    const { open, done, from } = noted();
    const clock = new RoomClock();
    const takeOver = new TakeOver({
      self: { performRpc: () => Promise.reject(new RpcError(1401, 'not there')) },
      from: 'captions-1',
      clock,
      logger: createLogger('silent'),
    });
    takeOver.hold('TR_a', open).push(new Int16Array(800), 5);
    await takeOver.run();
    expect(from()).toBeUndefined();
    expect(done).toContainEqual([800, 5]);
    const late = noted();
    takeOver.hold('TR_b', late.open).push(new Int16Array(1), 9);
    expect(late.done).toEqual([[1, 9]]);
  });

  test.each(['', '{}', '{"step":"take"}', '{"step":"take","tracks":[{"sid":1}]}', '[]', 'null'])(
    'what is no step of it is refused: %s',
    async (payload) => {
      const old = predecessor();
      await expect(old.call(payload)).rejects.toMatchObject({ code: 400 });
      expect(old.calls).toEqual([]);
    },
  );

  test('people cannot take a room', async () => {
    const old = predecessor({ isAgent: () => false });
    await expect(old.call('{"step":"take","tracks":[]}', 'mallory')).rejects.toMatchObject({
      code: 403,
    });
    expect(old.calls).toEqual([]);
  });
});
