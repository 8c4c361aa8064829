import { accessSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../src/check/finding.js';
import { ensureLiveKitServer } from '../../src/devkit/livekit-server.js';
import { freeTcpPort, freeUdpPort } from '../../src/devkit/livekit-server/ports.js';
import { startOwned } from '../../src/devkit/process.js';
import { findRedis, startRedis } from '../../src/devkit/redis.js';
import { s3ServerPath } from '../../src/devkit/s3-server.js';
import { readCompose } from '../support/compose.js';
import { startTestWorker } from '../support/worker.js';

test("compose's parts, as programs with its settings, are all that a worker needs", async (context) => {
  const redisPath = findRedis(process.env);
  const storePath = s3ServerPath();
  if (!redisPath || !isThere(storePath)) return context.skip('no redis-server or no S3 server');
  const { services } = await readCompose({
    LIVEKIT_API_KEY: 'key-of-the-test',
    LIVEKIT_API_SECRET: 'a-secret-of-the-test-that-is-long-enough',
    SMALLEST_API_KEY: 'pulse',
    STORE_SECRET_KEY: 'store-secret',
    GRAFANA_PASSWORD: 'grafana',
  });
  const closers: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'compose-'));
  try {
    const redis = await startRedis(redisPath);
    closers.push(() => redis.close());
    const ports = {
      livekit: await freeTcpPort(),
      tcp: await freeTcpPort(),
      udp: await freeUdpPort(),
      store: await freeTcpPort(),
    };
    /** The settings of a part, with this machine in place of its network. */
    const settings = (name: string) =>
      Object.fromEntries(
        Object.entries(services[name]?.environment ?? {}).map(([variable, value]) => [
          variable,
          value
            .replaceAll('redis:6379', redis.address)
            .replaceAll('livekit:7880', `127.0.0.1:${ports.livekit}`)
            .replaceAll('store:7070', `127.0.0.1:${ports.store}`)
            .replace(/^:7070$/, `127.0.0.1:${ports.store}`)
            .replace('port: 7880', `port: ${ports.livekit}\nbind_addresses: [127.0.0.1]`)
            .replace('tcp_port: 7881', `tcp_port: ${ports.tcp}\n  enable_loopback_candidate: true`)
            .replace('udp_port: 7882', `udp_port: ${ports.udp}`)
            .replace('/transcripts', join(folder, 'transcripts')),
        ]),
      );
    const path = process.env['PATH'] ?? '';
    const start = (binary: string, args: readonly string[], name: string) => {
      const program = startOwned(binary, args, { env: { PATH: path, ...settings(name) } });
      closers.push(() => program.kill());
    };
    const livekit = await ensureLiveKitServer((line) => {
      console.log(line);
    });
    start(livekit, [], 'livekit');
    await mkdir(join(folder, 'data', 'transcripts'), { recursive: true });
    start(storePath, ['posix', join(folder, 'data')], 'store');
    const answers = (url: string) =>
      expect
        .poll(
          () =>
            fetch(url)
              .then(({ status }) => status)
              .catch(() => 0),
          { timeout: 20_000 },
        )
        .toBe(200);
    await answers(`http://127.0.0.1:${ports.livekit}/`);
    await answers(`http://127.0.0.1:${ports.store}/health`);

    const checking = await startTestWorker({
      command: ['cli/captions.js', 'check', '--json'],
      env: {
        ...settings('worker'),
        TRANSCRIPT_STORE: services['worker']?.environment['TRANSCRIPT_STORE'] ?? '',
        SMALLEST_BASE_URL: 'http://127.0.0.1:1/waves/v1',
      },
    });
    closers.push(() => checking.close());
    await checking.exited;
    const [report] = checking.log as unknown as { checks: Finding[] }[];
    const bad = report?.checks.filter(({ level }) => level !== 'ok') ?? [];
    // Pulse alone is not on this machine, and nobody is told.
    expect(bad.map(({ check }) => check)).toEqual(['pulse', 'webhook']);
  } finally {
    for (const close of closers.reverse()) await close();
    await rm(folder, { recursive: true, force: true });
  }
});

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
