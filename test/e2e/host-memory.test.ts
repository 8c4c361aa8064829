import { expect, test } from 'vitest';
import { usageOf } from '../../src/devkit/bench/density/process-tree.js';
import type { TestLiveKit } from '../support/livekit.js';
import { sceneOf } from '../support/scene.js';

const PATIENCE = { timeout: 60_000, interval: 100 };

async function captionersIn(livekit: TestLiveKit, room: string): Promise<number> {
  const people = await livekit.rooms.listParticipants(room).catch(() => []);
  return people.filter(({ name }) => name === 'Captions').length;
}

test('after thirty rooms that came and went the worker takes as much memory as before', async (context) => {
  const scene = await sceneOf(context);
  const worker = await scene.startWorker();
  // Not what it shares with others, who come and go.
  const memory = async () => (await usageOf(worker.pid)).aloneMb;
  const rooms = Array.from({ length: 30 }, (_, index) => `short-${index}`);
  const churn = async () => {
    for (let at = 0; at < rooms.length; at += 10) {
      const batch = rooms.slice(at, at + 10);
      await Promise.all(batch.map((name) => scene.livekit.rooms.createRoom({ name })));
      for (const room of batch) {
        await expect.poll(() => captionersIn(scene.livekit, room), PATIENCE).toBe(1);
      }
      await Promise.all(batch.map((room) => scene.livekit.rooms.deleteRoom(room)));
    }
  };
  // What is compiled and loaded with the first room stays.
  await scene.livekit.rooms.createRoom({ name: 'first' });
  await expect.poll(() => captionersIn(scene.livekit, 'first'), PATIENCE).toBe(1);
  await scene.livekit.rooms.deleteRoom('first');
  await expect
    .poll(
      () => worker.log.filter(({ msg }) => msg.startsWith('a captioner has left')).length,
      PATIENCE,
    )
    .toBe(1);
  const idle = await memory();
  await churn();
  const left = () => worker.log.filter(({ msg }) => msg.startsWith('a captioner has left')).length;
  await expect.poll(left, PATIENCE).toBe(31);
  await expect.poll(memory, PATIENCE).toBeLessThan(idle * 1.05);
  expect(worker.log.filter(({ level }) => level >= 40)).toEqual([]);
  await worker.close();
});
