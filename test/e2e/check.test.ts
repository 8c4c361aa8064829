import { accessSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/check/finding.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { s3ServerPath, type S3Server, startS3Server } from '../../src/devkit/s3-server.js';
import { HOOK_KEY, startReceiver, type TestReceiver } from '../support/webhook-receiver.js';
import { startHttpProxy } from '../support/http-proxy.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';
import { startTestWorker, surroundingsEnv } from '../support/worker.js';

const PULSE_KEY = 'key-of-the-test';
const silent = {
  name: 'hears nothing',
  open: () => ({ push: () => undefined, flush: () => Promise.resolve([]), close: () => undefined }),
  close: () => Promise.resolve(),
};

let livekit: TestLiveKit;
let pulse: PulseServer;
beforeAll(async () => {
  [livekit, pulse] = await Promise.all([
    startTestLiveKit(HOOK_KEY),
    startPulseServer({ recogniser: silent, apiKey: PULSE_KEY }),
  ]);
});
afterAll(async () => {
  await livekit.close();
  await pulse.close();
});

/** What the built `captions check` finds, by check. */
async function check(server: Pick<TestLiveKit, 'url'>, env: Readonly<Record<string, string>> = {}) {
  const worker = await startTestWorker({
    command: ['cli/captions.js', 'check', '--json'],
    env: {
      ...surroundingsEnv({
        livekit: { ...HOOK_KEY, url: server.url },
        pulse: { baseUrl: pulse.url, apiKey: PULSE_KEY },
      }),
      ...env,
    },
  });
  try {
    const { code } = await worker.exited;
    const [report] = worker.log as unknown as { ok: boolean; checks: Finding[] }[];
    if (!report) throw new Error(`no report, but: ${worker.printed.join('\n')}`);
    expect(report.ok).toBe(code === 0);
    // The native media library keeps something of its own in the home folder.
    const left = await readdir(worker.directory);
    expect(left.filter((name) => name !== '.config')).toEqual([]);
    const levels = Object.fromEntries(report.checks.map(({ check, level }) => [check, level]));
    const text = (name: string) =>
      report.checks.find(({ check }) => check === name)?.text ?? `nothing about ${name}`;
    return { code, levels, text };
  } finally {
    await worker.close();
  }
}

const WELL = {
  configuration: 'ok',
  'livekit address': 'ok',
  clock: 'ok',
  'livekit key': 'ok',
  worker: 'ok',
  room: 'ok',
  media: 'ok',
  rpc: 'ok',
  pulse: 'ok',
  transcripts: 'ok',
  store: 'skipped',
  webhook: 'skipped',
  'health port': 'ok',
};

describe.concurrent('what goes wrong is found, by the command against real servers', () => {
  test('all is well, a receiver of events included, and nothing is left behind', async () => {
    const receiver: TestReceiver = await startReceiver();
    const { code, levels, text } = await check(livekit, { WEBHOOK_URL: receiver.url });
    await receiver.close();
    expect({ code, levels }).toEqual({ code: 0, levels: { ...WELL, webhook: 'ok' } });
    expect(text('media')).toMatch(/by UDP/);
    expect(text('worker')).toMatch(/LiveKit \d+\.\d+/);
    expect(receiver.verified.map(({ event }) => event)).toEqual(['captions.check']);
  });

  test('media that comes by TCP alone is a warning, with the ports to open', async () => {
    const server = await startTestLiveKit({ ...HOOK_KEY, media: 'tcp' });
    const { code, levels, text } = await check(server);
    await server.close();
    expect({ code, levels }).toEqual({ code: 0, levels: { ...WELL, media: 'warning' } });
    expect(text('media')).toMatch(/only by TCP.*rtc\.udp_port/);
  });

  test('media that does not come at all fails, and the room is taken away', async () => {
    const server = await startTestLiveKit({ ...HOOK_KEY, media: 'none' });
    const { code, levels, text } = await check(server);
    expect(await server.rooms.listRooms()).toEqual([]);
    await server.close();
    const found = { ...WELL, media: 'failed', rpc: 'skipped' };
    expect({ code, levels }).toEqual({ code: 1, levels: found });
    expect(text('media')).toMatch(/neither by UDP nor by TCP.*rtc\.node_ip/);
  });

  test('a clock that is wrong, and a server that cannot call participants', async () => {
    const proxy = await startHttpProxy({
      port: livekit.port,
      clockMs: 180_000,
      answer: (path) =>
        path.endsWith('/PerformRpc')
          ? { status: 404, body: '{"code":"bad_route","msg":"no handler"}' }
          : undefined,
    });
    const { code, levels, text } = await check({ url: `ws://127.0.0.1:${proxy.port}` });
    await proxy.close();
    const found = { ...WELL, clock: 'failed', rpc: 'warning' };
    expect({ code, levels }).toEqual({ code: 1, levels: found });
    expect(text('clock')).toMatch(/^1[78]\d\.\d s ± 0\.\d s behind LiveKit's.*NTP/);
    expect(text('rpc')).toContain('1.10');
  });

  test('a key that may not make rooms', async () => {
    const proxy = await startHttpProxy({
      port: livekit.port,
      answer: (path) =>
        path.endsWith('/CreateRoom')
          ? { status: 403, body: '{"code":"permission_denied","msg":"permissions denied"}' }
          : undefined,
    });
    const { code, levels, text } = await check({ url: `ws://127.0.0.1:${proxy.port}` });
    await proxy.close();
    const found = { ...WELL, room: 'failed', media: 'skipped', rpc: 'skipped' };
    expect({ code, levels }).toEqual({ code: 1, levels: found });
    expect(text('room')).toMatch(/does not let this key create a room/);
  });

  test.each([
    ['LIVEKIT_API_SECRET', 'wrong'.repeat(8), /LIVEKIT_API_SECRET is not the secret/],
    ['LIVEKIT_API_KEY', 'APIunknown', /does not know LIVEKIT_API_KEY/],
  ])('a wrong %s', async (variable, value, said) => {
    const { code, levels, text } = await check(livekit, { [variable]: value });
    const none = { worker: 'skipped', room: 'skipped', media: 'skipped', rpc: 'skipped' };
    expect({ code, levels }).toEqual({
      code: 1,
      levels: { ...WELL, 'livekit key': 'failed', ...none },
    });
    expect(text('livekit key')).toMatch(said);
    expect(text('livekit key')).not.toMatch(/eyJ|wrongwrong/);
  });
});

test('the rooms of all these checks are gone', async () => {
  expect(await livekit.rooms.listRooms()).toEqual([]);
});

const binary = s3ServerPath();
const there = isThere(binary);
if (!there) console.warn(`no S3 server at ${binary} (npm test builds it with Go): skipped`);

describe.skipIf(!there)('a real S3 server', () => {
  let folder: string;
  let server: S3Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-'));
    server = await startS3Server({ binary, folder, bucket: 'calls' });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.concurrent.each([
    ['the right bucket', 's3://calls/year', {}, 'ok', /takes, gives, lists and deletes/],
    ['no such bucket', 's3://nowhere', {}, 'failed', /no such bucket/],
    [
      'a wrong secret',
      's3://calls',
      { AWS_SECRET_ACCESS_KEY: 'x' },
      'failed',
      /secret does not fit/,
    ],
    ['an unknown key', 's3://calls', { AWS_ACCESS_KEY_ID: 'x' }, 'failed', /does not know the key/],
  ])('%s', async (_title, store, env, level, said) => {
    // Nothing listens there: what is to be known here is the store.
    const nobody = { url: 'ws://127.0.0.1:1' };
    const { levels, text } = await check(nobody, {
      ...server.env,
      TRANSCRIPT_STORE: store,
      ...env,
    });
    expect(text('store')).toMatch(said);
    expect(levels).toMatchObject({ store: level, 'livekit address': 'failed' });
  });

  test('keeps nothing of these checks', async () => {
    const objects = await readdir(join(folder, 'calls'), { recursive: true });
    expect(objects.filter((name) => name.includes('check'))).toEqual([]);
  });
});

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
