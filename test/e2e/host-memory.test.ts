import { expect, test } from 'vitest';
import { usageOf } from '../../src/devkit/bench/density/process-tree.js';
import { expectWords } from '../support/exact-speech.js';
import type { TestLiveKit } from '../support/livekit.js';
import { sceneOf } from '../support/scene.js';

const PATIENCE = { timeout: 60_000, interval: 100 };

/** Those that have come to stay: one that is still connecting when its room is deleted takes a while to end. */
async function captionersIn(livekit: TestLiveKit, room: string): Promise<number> {
  const people = await livekit.rooms.listParticipants(room).catch(() => []);
  return people.filter(({ attributes }) => attributes['captions.state'] === 'live').length;
}

const ROOMS = Array.from({ length: 30 }, (_, at) => `short-${at}`);

/** Thirty short rooms, ten at a time, each until it has its captioner. */
async function churn(livekit: TestLiveKit): Promise<void> {
  for (let at = 0; at < ROOMS.length; at += 10) {
    const batch = ROOMS.slice(at, at + 10);
    await Promise.all(batch.map((name) => livekit.rooms.createRoom({ name })));
    for (const room of batch) {
      await expect.poll(() => captionersIn(livekit, room), PATIENCE).toBe(1);
    }
    await Promise.all(batch.map((room) => livekit.rooms.deleteRoom(room)));
  }
}

test('after thirty rooms that came and went the worker takes as much memory as before', async (context) => {
  const scene = await sceneOf(context);
  const worker = await scene.startWorker();
  // Not what it shares with others, who come and go.
  const memory = async () => (await usageOf(worker.pid)).aloneMb;
  // What is compiled and loaded with the first room stays.
  await scene.livekit.rooms.createRoom({ name: 'first' });
  await expect.poll(() => captionersIn(scene.livekit, 'first'), PATIENCE).toBe(1);
  await scene.livekit.rooms.deleteRoom('first');
  const left = () => worker.log.filter(({ msg }) => msg.startsWith('a captioner has left')).length;
  await expect.poll(left, PATIENCE).toBe(1);
  const idle = await memory();
  await churn(scene.livekit);
  await expect.poll(left, PATIENCE).toBe(31);
  await expect.poll(memory, PATIENCE).toBeLessThan(idle * 1.05);
  expect(worker.log.filter(({ level }) => level >= 40)).toEqual([]);
  await worker.close();
});

test('a process that has had many rooms keeps those it has and is replaced, though it is never empty', async (context) => {
  const scene = await sceneOf(context);
  const worker = await scene.startWorker({ LOG_LEVEL: 'debug' });
  const staying = await scene.listen('stays');
  await expect.poll(() => staying.state, PATIENCE).toBe('live');
  const first = staying.captioners[0]?.attributes['captions.process'];
  const pid = worker.log.find(({ room, pid }) => room !== undefined && pid !== worker.pid)?.pid;
  const isRunning = async () => (await usageOf(worker.pid)).pids.includes(pid ?? 0);
  expect(await isRunning()).toBe(true);

  await churn(scene.livekit);
  const replaced = () =>
    worker.log.filter(({ msg }) => msg.startsWith('a room process has had many rooms'));
  await expect.poll(replaced, PATIENCE).toMatchObject([{ process: first }]);
  const later = await scene.listen('later');
  await expect.poll(() => later.state, PATIENCE).toBe('live');
  expect(later.captioners[0]?.attributes['captions.process']).not.toBe(first);
  expect(staying.captioners[0]?.attributes['captions.process']).toBe(first);
  await expectWords(scene.livekit, scene.pulse, 'stays', staying, 'ada', expect);

  await staying.close();
  await expect.poll(isRunning, PATIENCE).toBe(false);
  await expectWords(scene.livekit, scene.pulse, 'later', later, 'bob', expect);
  expect(worker.log.filter(({ level }) => level >= 40)).toEqual([]);
  await worker.close();
});
