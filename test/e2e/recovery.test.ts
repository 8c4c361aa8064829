import { AgentDispatchClient } from 'livekit-server-sdk';
import { describe, type ExpectStatic, test } from 'vitest';
import { expectWords } from '../support/exact-speech.js';
import type { Listener } from '../support/listener.js';
import { type Scene, sceneOf } from '../support/scene.js';

const PATIENCE = { timeout: 40_000, interval: 50 };

const processOf = (listener: Listener) => listener.captioners[0]?.attributes['captions.process'];

async function sidOf(scene: Scene, room: string): Promise<string> {
  const [found] = await scene.livekit.rooms.listRooms([room]);
  return found?.sid ?? '';
}

const captionsOf =
  (scene: Scene, expect: ExpectStatic) => (room: string, listener: Listener, identity: string) =>
    expectWords(scene.livekit, scene.pulse, room, listener, identity, expect);

/** Milliseconds until another process captions the room and says that it is live. */
async function untilReplaced(
  expect: ExpectStatic,
  listener: Listener,
  before: string | undefined,
): Promise<number> {
  const began = performance.now();
  await expect
    .poll(() => listener.state === 'live' && processOf(listener) !== before, PATIENCE)
    .toBe(true);
  return performance.now() - began;
}

describe.concurrent('captions come back', () => {
  test('a room process that is killed, and one that hangs, are replaced, and their rooms joined again', async (context) => {
    const { expect } = context;
    const scene = await sceneOf(context);
    const expectCaptions = captionsOf(scene, expect);
    const worker = await scene.startWorker();
    const listener = await scene.listen('stays');
    await expect.poll(() => listener.state, PATIENCE).toBe('live');
    await expectCaptions('stays', listener, 'before');
    for (const [signal, identity] of [
      ['SIGKILL', 'after-the-kill'],
      ['SIGSTOP', 'after-the-hang'],
    ] as const) {
      const process = processOf(listener);
      worker.signalRoomProcess(await sidOf(scene, 'stays'), signal);
      const took = await untilReplaced(expect, listener, process);
      console.log(`${signal} of a room process: captions are back after ${Math.round(took)} ms`);
      expect(listener.captioners).toHaveLength(1);
      await expectCaptions('stays', listener, identity);
    }
    expect(worker.log.filter(({ msg }) => msg.startsWith('a room process has died'))).toHaveLength(
      2,
    );
  });

  test('a worker takes over the rooms of one that was killed, and rooms that began when there was none', async (context) => {
    const { expect } = context;
    const scene = await sceneOf(context);
    const expectCaptions = captionsOf(scene, expect);
    const early = await scene.listen('early');
    const first = await scene.startWorker();
    await expect.poll(() => early.state, PATIENCE).toBe('live');
    await expectCaptions('early', early, 'of-the-first');

    const second = await scene.startWorker();
    // That it knows of the other's captioner.
    const dispatch = new AgentDispatchClient(
      scene.livekit.url.replace(/^ws/, 'http'),
      scene.livekit.apiKey,
      scene.livekit.apiSecret,
    );
    await dispatch.createDispatch('early', '');
    const refusals = () =>
      [...first.log, ...second.log].filter(({ msg }) => msg.startsWith('refused: the room has'));
    await expect.poll(() => refusals().length, PATIENCE).toBeGreaterThanOrEqual(1);
    expect(early.captioners).toHaveLength(1);

    const before = processOf(early);
    await first.close();
    const took = await untilReplaced(expect, early, before);
    console.log(`SIGKILL of a worker: captions are back after ${Math.round(took)} ms`);
    expect(early.captioners).toHaveLength(1);
    await expectCaptions('early', early, 'of-the-second');

    // Nobody is left; a worker that starts finds a dead captioner in the room, and takes its place.
    const lost = processOf(early);
    await second.close();
    await scene.startWorker();
    const restarted = await untilReplaced(expect, early, lost);
    console.log(`after a restart captions are back after ${Math.round(restarted)} ms`);
    await expectCaptions('early', early, 'of-the-third');
  });
});
