import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { checkAll } from '../../src/check/check.js';
import { clockVerdict } from '../../src/check/clock.js';
import type { Finding, Verdict } from '../../src/check/finding.js';
import { checkFolder, folderFault } from '../../src/check/folder.js';
import { missingGrants } from '../../src/check/grants.js';
import { runCommand } from '../../src/cli/captions.js';
import { loadConfig } from '../../src/config/config.js';
import { startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { startReceiver } from '../support/webhook-receiver.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
});

const BASE = {
  LIVEKIT_URL: 'ws://127.0.0.1:1',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'a-secret-of-the-test-that-is-long-enough',
  SMALLEST_API_KEY: 'key',
  SMALLEST_BASE_URL: 'http://127.0.0.1:1/waves/v1',
  TRANSCRIPT_DIR: '',
  HEALTH_PORT: '0',
};

/** What is found with this environment, by check. */
async function found(env: Readonly<Record<string, string>>): Promise<Map<string, Finding>> {
  const findings = new Map<string, Finding>();
  await checkAll(loadConfig({ ...BASE, ...env }), (finding) => {
    expect(findings.has(finding.check)).toBe(false);
    findings.set(finding.check, finding);
  });
  return findings;
}

async function httpServer(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'check-'));
  closers.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('an address where nothing listens, and what depends on it is skipped', async () => {
  const findings = await found({ LIVEKIT_URL: `ws://127.0.0.1:${await freeTcpPort()}` });
  expect(findings.get('livekit address')).toMatchObject({
    level: 'failed',
    text: expect.stringMatching(/nothing listens.*LIVEKIT_URL.*ECONNREFUSED/) as string,
  });
  for (const check of ['clock', 'livekit key', 'worker', 'room', 'media', 'rpc']) {
    expect(findings.get(check)).toMatchObject({ level: 'skipped' });
  }
});

test('a name that does not exist', async () => {
  const findings = await found({ LIVEKIT_URL: 'wss://livekit.does-not-exist.invalid' });
  expect(findings.get('livekit address')?.text).toMatch(/has no address.*DNS/);
});

test('TLS at a port that has none', async () => {
  const port = await httpServer((_request, response) => void response.end('OK'));
  const findings = await found({ LIVEKIT_URL: `wss://127.0.0.1:${port}` });
  expect(findings.get('livekit address')?.text).toMatch(/does not speak TLS: use ws:/);
});

test('a server that is not one of HTTP', async () => {
  const server = createTcpServer((socket) => void socket.resume().end('SSH-2.0-OpenSSH\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => new Promise((resolve) => void server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const findings = await found({ LIVEKIT_URL: `ws://127.0.0.1:${port}` });
  expect(findings.get('livekit address')?.text).toMatch(/not HTTP: check the port/);
});

test('a server that sends to another place, and one that is not LiveKit', async () => {
  const there = 'https://livekit.example.org/';
  const moved = await httpServer((_request, response) => {
    response.writeHead(308, { Location: there }).end();
  });
  const other = await httpServer((_request, response) => void response.writeHead(404).end());
  const first = await found({ LIVEKIT_URL: `ws://127.0.0.1:${moved}` });
  expect(first.get('livekit address')?.text).toContain(
    'set LIVEKIT_URL to wss://livekit.example.org/',
  );
  const second = await found({ LIVEKIT_URL: `ws://127.0.0.1:${other}` });
  expect(second.get('livekit address')).toMatchObject({ level: 'warning' });
  expect(second.get('livekit key')).toMatchObject({
    level: 'failed',
    text: expect.stringContaining('/twirp') as string,
  });
});

test.each<[string, number | undefined, Verdict['level'], RegExp]>([
  ['the same', 0, 'ok', /^the same as LiveKit's, ± 0.5 s$/],
  ['a little ahead', 3000, 'ok', /^3\.0 s ± 0\.5 s ahead of LiveKit's$/],
  ['notably ahead', 20_000, 'warning', /^20\.0 s ± 0\.5 s ahead.*NTP/],
  ['too far behind', -90_000, 'failed', /^90\.0 s ± 0\.5 s behind.*not valid/],
  ['no time', undefined, 'warning', /does not say/],
])('a clock: %s', (_title, offMs, level, said) => {
  const theirs = Date.UTC(2026, 10, 25, 10);
  const at = theirs + 500 + (offMs ?? 0);
  const date = offMs === undefined ? undefined : theirs;
  const verdict = clockVerdict({ date, askedAt: at - 20, answeredAt: at + 20 });
  expect(verdict.level).toBe(level);
  expect(verdict.text).toMatch(said);
});

test.each([
  [{ roomJoin: true, canUpdateOwnMetadata: true, agent: true }, []],
  [
    { roomJoin: true, canSubscribe: false, canPublishData: true, canUpdateOwnMetadata: true },
    ['canSubscribe', 'agent'],
  ],
  [{ roomJoin: true, agent: true, canPublishData: false }, ['canPublishData', 'canUpdateOwn']],
])('the grants %j lack %j', (video, missing) => {
  const payload = Buffer.from(JSON.stringify({ video })).toString('base64url');
  const lacking = missingGrants(`head.${payload}.signature`);
  expect(lacking).toHaveLength(missing.length);
  missing.forEach((grant, index) => expect(lacking[index]).toContain(grant));
});

test.each([['not a token'], [''], ['a.e30.c'], ['a.!!.c']])('%j is no token to judge', (token) => {
  expect(missingGrants(token)).toEqual([]);
});

test.each<[string, (server: Awaited<ReturnType<typeof pulseServer>>) => void, string, RegExp]>([
  ['an unknown key', () => undefined, 'failed', /SMALLEST_API_KEY/],
  ['no stream left', ({ faults }) => (faults.streamLimit = 0), 'warning', /1008/],
  ['too many requests', ({ faults }) => faults.refuse({ status: 429 }), 'warning', /429/],
  [
    'a language of another region',
    ({ faults }) => faults.refuse({ status: 400, message: 'LANGUAGE_NOT_ENABLED_IN_REGION' }),
    'failed',
    /SMALLEST_BASE_URL to the region/,
  ],
  ['all well', () => undefined, 'ok', /took a stream in en/],
])('Pulse: %s', async (title, prepare, level, said) => {
  const server = await pulseServer();
  prepare(server);
  const key = title === 'an unknown key' ? 'wrong-key' : 'right-key';
  const findings = await found({ SMALLEST_BASE_URL: server.url, SMALLEST_API_KEY: key });
  expect(findings.get('pulse')?.text).toMatch(said);
  expect(findings.get('pulse')?.level).toBe(level);
  await expect.poll(() => server.stats.current).toBe(0);
});

async function pulseServer() {
  const recogniser = {
    name: 'hears nothing',
    open: () => ({
      push: () => undefined,
      flush: () => Promise.resolve([]),
      close: () => undefined,
    }),
    close: () => Promise.resolve(),
  };
  const server = await startPulseServer({ recogniser, apiKey: 'right-key' });
  closers.push(() => server.close());
  return server;
}

test('a folder that is there, and one that is not yet, are left as they were', async () => {
  const there = await folder();
  expect(await checkFolder(there)).toMatchObject({ level: 'ok' });
  expect((await checkFolder(join(there, 'a', 'b'))).text).toMatch(/can be made, [\d.]+ GB free/);
  expect(await readdir(there)).toEqual([]);
});

test('a folder below a file', async () => {
  const file = join(await folder(), 'file');
  await writeFile(file, '');
  for (const path of [file, join(file, 'below')]) {
    expect(await checkFolder(path)).toMatchObject({ level: 'failed' });
    expect((await checkFolder(path)).text).toMatch(/ENOTDIR.*TRANSCRIPT_DIR/);
  }
});

test('a folder that belongs to somebody else', async (context) => {
  if (process.getuid?.() !== 0 || !process.seteuid) {
    return context.skip('only root can become somebody else');
  }
  const theirs = await folder();
  process.seteuid(65_534);
  const verdict = await checkFolder(join(theirs, 'transcripts')).finally(() => {
    process.seteuid?.(0);
  });
  expect(verdict).toMatchObject({ level: 'failed' });
  expect(verdict.text).toMatch(/EACCES.*chown/);
});

test.each([
  ['EROFS', /read-only disk/],
  ['ENOSPC', /is full/],
  ['EIO', /cannot be written \(EIO\)/],
])('a folder that says %s', (code, said) => {
  expect(folderFault('/calls', Object.assign(new Error(), { code }))).toMatch(said);
});

test.each([
  [401, 'failed', /refuses the signature/],
  [404, 'failed', /no receiver at this path/],
  [302, 'failed', /another place/],
  [422, 'warning', /a kind that it may not know/],
  [503, 'failed', /503.*log/],
])('a receiver that answers %i', async (status, level, said) => {
  const port = await httpServer((_request, response) => {
    response.writeHead(status, { Location: '/elsewhere' }).end();
  });
  const url = `http://127.0.0.1:${port}/hook`;
  const findings = await found({ TRANSCRIPT_DIR: await folder(), WEBHOOK_URL: url });
  expect(findings.get('webhook')?.level).toBe(level);
  expect(findings.get('webhook')?.text).toMatch(said);
});

test('a receiver with another secret, and none', async () => {
  const receiver = await startReceiver();
  closers.push(() => receiver.close());
  const dir = await folder();
  const other = await found({ TRANSCRIPT_DIR: dir, WEBHOOK_URL: receiver.url });
  expect(other.get('webhook')?.text).toMatch(/refuses the signature/);
  const port = await freeTcpPort();
  const none = await found({ TRANSCRIPT_DIR: dir, WEBHOOK_URL: `http://127.0.0.1:${port}/` });
  expect(none.get('webhook')?.text).toMatch(/nothing listens.*WEBHOOK_URL/);
});

test('a health port that is taken', async () => {
  const port = await httpServer(() => undefined);
  const findings = await found({ HEALTH_PORT: String(port) });
  expect(findings.get('health port')).toMatchObject({ level: 'warning' });
});

test.each([
  [{ LIVEKIT_URL: '' }, [], 2, /^failed +configuration +LIVEKIT_URL: is missing/],
  [{}, [], 1, /\d failed, 0 with a warning\n$/],
  [{}, ['--json'], 1, /^\{"ok":false,"checks":\[\{"check":"configuration","level":"ok"/],
  [{}, ['--help'], 0, /^captions check/],
  [{}, ['--fast'], 2, /^captions check: .*--fast/],
])('captions check with %j %j ends with %i', async (env, args, code, said) => {
  for (const [name, value] of Object.entries({ ...BASE, ...env })) vi.stubEnv(name, value);
  let printed = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  }
  const ended = await runCommand(['check', ...args]);
  vi.restoreAllMocks();
  expect(printed).toMatch(said);
  expect(ended).toBe(code);
  expect(printed).not.toContain(BASE.LIVEKIT_API_SECRET);
});
