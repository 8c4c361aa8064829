import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { startOwned } from '../../src/devkit/process.js';
import { findRedis, startRedis } from '../../src/devkit/redis.js';
import { expectWords } from '../support/exact-speech.js';
import { Listener } from '../support/listener.js';
import { startTestLiveKit } from '../support/livekit.js';
import { sceneOf } from '../support/scene.js';
import { startTestWorker, surroundingsEnv } from '../support/worker.js';

const PATIENCE = { timeout: 60_000, interval: 100 };
const FRAMEWORK_AGENT = fileURLToPath(new URL('../support/framework-agent.mjs', import.meta.url));

describe.concurrent('a worker, with all that it needs', () => {
  test('captions outlive a LiveKit server that starts again', async (context) => {
    const { expect } = context;
    const scene = await sceneOf(context);
    const server = await startTestLiveKit();
    const { port, apiKey, apiSecret } = server;
    const pulse = { baseUrl: scene.pulse.url, apiKey: 'key-of-the-test' };
    const worker = await startTestWorker({ env: surroundingsEnv({ livekit: server, pulse }) });
    await worker.ready();
    const before = await Listener.join(server.url, await server.token('long', 'listener'));
    await expect.poll(() => before.state, PATIENCE).toBe('live');
    await server.close();
    const again = await startTestLiveKit({ port, apiKey, apiSecret });
    const after = await Listener.join(again.url, await again.token('long', 'another'));
    await expect.poll(() => after.state, PATIENCE).toBe('live');
    expect(after.captioners).toHaveLength(1);
    await expectWords(again, scene.pulse, 'long', after, 'alice', expect);
    for (const listener of [before, after]) await listener.close();
    await worker.close();
    await again.close();
  });

  test('rooms on two LiveKit servers with one Redis are captioned by workers on either', async (context) => {
    const { expect } = context;
    const binary = findRedis(process.env);
    if (!binary) return context.skip('There is no redis-server: install it to run this test.');
    const scene = await sceneOf(context);
    const redis = await startRedis(binary);
    const keys = { apiKey: 'APItwo', apiSecret: 'a-secret-of-thirty-two-characters-or-more' };
    const nodes = [
      await startTestLiveKit({ ...keys, redis: redis.address }),
      await startTestLiveKit({ ...keys, redis: redis.address }),
    ];
    const pulse = { baseUrl: scene.pulse.url, apiKey: 'key-of-the-test' };
    const workers = await Promise.all(
      nodes.map((livekit) => startTestWorker({ env: surroundingsEnv({ livekit, pulse }) })),
    );
    for (const worker of workers) await worker.ready();
    const listeners = await Promise.all(
      nodes.flatMap((node, at) =>
        ['a', 'b', 'c'].map(async (room) =>
          Listener.join(node.url, await node.token(`${room}-${at}`, 'listener')),
        ),
      ),
    );
    for (const listener of listeners) {
      await expect.poll(() => listener.state, PATIENCE).toBe('live');
      expect(listener.captioners).toHaveLength(1);
    }
    const [first] = nodes;
    const [someone] = listeners;
    if (!first || !someone) throw new Error('there are no nodes');
    await expectWords(first, scene.pulse, 'a-0', someone, 'alice', expect);

    // One is gone: the other captions all rooms, wherever they are.
    await workers[0]?.close();
    for (const listener of listeners) {
      await expect
        .poll(() => listener.state === 'live' && workers[1]?.isIn(listener.captioners[0]), PATIENCE)
        .toBe(true);
    }
    for (const listener of listeners) await listener.close();
    await workers[1]?.close();
    for (const node of nodes) await node.close();
    await redis.close();
  });

  test("an agent of LiveKit's framework can have the captioner", async (context) => {
    const { expect } = context;
    const scene = await sceneOf(context);
    const server = await startTestLiveKit();
    const pulse = { baseUrl: scene.pulse.url, apiKey: 'key-of-the-test' };
    const folder = await mkdtemp(join(tmpdir(), 'framework-'));
    const env = {
      ...process.env,
      ...surroundingsEnv({ livekit: server, pulse }),
      TRANSCRIPT_DIR: folder,
    };
    let ready: () => void;
    const registered = new Promise<void>((resolve) => (ready = resolve));
    const agent = startOwned(process.execPath, [FRAMEWORK_AGENT], {
      env,
      onLine: (line) => {
        if (line === 'ready') ready();
      },
    });
    await registered;
    const listener = await Listener.join(server.url, await server.token('framed', 'listener'));
    const agents = () => listener.agents.map(({ attributes }) => attributes['captions.state']);
    await expect.poll(agents, PATIENCE).toEqual(['live']);
    await expectWords(server, scene.pulse, 'framed', listener, 'alice', expect);
    await listener.close();
    // The room is over, and its exports are made without a worker of ours.
    const endings = async () => (await readdir(folder)).map((name) => extname(name)).sort();
    await expect
      .poll(endings, PATIENCE)
      .toEqual(['.json', '.jsonl', '.md', '.srt', '.txt', '.vtt']);
    await agent.kill();
    await server.close();
    await rm(folder, { recursive: true });
  });
});
