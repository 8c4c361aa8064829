import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenVerifier } from 'livekit-server-sdk';
import { afterEach, expect, test } from 'vitest';
import {
  PageServerError,
  startPageServer,
  type PageServer,
  type PageServerOptions,
} from '../../src/devkit/page-server.js';
import { RequestError } from '../../src/devkit/page-server/errors.js';
import { assertOwnRequest } from '../../src/devkit/page-server/headers.js';
import {
  inlineScriptHashes,
  loadAssets,
  type Assets,
} from '../../src/devkit/page-server/assets.js';

const KEY = 'APItest';
const SECRET = 'a secret of more than thirty-two characters';
const HTML = '<!doctype html><script type="importmap">{}</script><script src="/main.js"></script>';

const asset = (text: string, type: string) => ({ body: Buffer.from(text), type, etag: '"tag"' });
const ASSETS: Assets = {
  files: new Map([
    ['/', asset(HTML, 'text/html; charset=utf-8')],
    ['/main.js', asset('export {};', 'text/javascript; charset=utf-8')],
  ]),
  scriptHashes: inlineScriptHashes(HTML),
};

const open: PageServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(options: Partial<PageServerOptions> = {}): Promise<PageServer> {
  const server = await startPageServer({
    livekitUrl: 'ws://127.0.0.1:7880',
    apiKey: KEY,
    apiSecret: SECRET,
    port: 0,
    defaultRoom: 'demo',
    assets: ASSETS,
    ...options,
  });
  open.push(server);
  return server;
}

async function askToken(server: PageServer, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/api/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

const errorCode = (body: string): unknown =>
  (JSON.parse(body) as { error: { code: string } }).error.code;

/** A request as nobody's browser sends it, where `fetch` would mend it. */
function rawStatus(server: PageServer, path: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise<number | undefined>((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

test('a token is for one room, ten minutes, a voice and one’s own attributes', async () => {
  const server = await start();
  const { status, headers, body } = await askToken(server, { room: 'Café 7', name: ' Zoë  Ng ' });
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  const { url, token, identity } = JSON.parse(body) as Record<string, string>;
  expect(url).toBe('ws://127.0.0.1:7880');
  expect(identity).toMatch(/^zoe-ng-[0-9a-f]{10}$/);
  const claims = await new TokenVerifier(KEY, SECRET).verify(token ?? '');
  expect(claims).toMatchObject({ sub: identity, name: 'Zoë Ng' });
  expect((claims.exp ?? 0) - (claims.nbf ?? 0)).toBe(600);
  expect(claims.video).toEqual({
    roomJoin: true,
    room: 'Café 7',
    canSubscribe: true,
    canPublish: true,
    canPublishSources: ['microphone', 'screen_share_audio'],
    canPublishData: false,
    canUpdateOwnMetadata: true,
  });
});

test('two people of one name are two', async () => {
  const server = await start();
  const ask = async () => {
    const { body } = await askToken(server, { room: 'r', name: '李' });
    return (JSON.parse(body) as { identity: string }).identity;
  };
  const [first, second] = [await ask(), await ask()];
  expect(first).toMatch(/^guest-/);
  expect(first).not.toBe(second);
});

test.each([
  ['control characters', 'A\u0000l\u001bice\n', 'A l ice'],
  ['a turned direction', '\u202eecilA', 'ecilA'],
  ['markup, which is only text', '<b>Alice</b>', '<b>Alice</b>'],
  ['half a character', 'Al\ud800ice', 'Al ice'],
  ['sixty characters of two units each', '😀'.repeat(60), '😀'.repeat(60)],
])('a name with %s is made fit to be shown', async (_what, name, shown) => {
  const server = await start();
  const { body } = await askToken(server, { room: 'r', name });
  const { token } = JSON.parse(body) as { token: string };
  expect((await new TokenVerifier(KEY, SECRET).verify(token)).name).toBe(shown);
});

test.each([
  ['no name', { room: 'r', name: ' \n ' }, 400, 'bad_name'],
  ['a long name', { room: 'r', name: 'x'.repeat(61) }, 400, 'bad_name'],
  ['no room', { room: '', name: 'n' }, 400, 'bad_room'],
  ['a long room', { room: 'x'.repeat(65), name: 'n' }, 400, 'bad_room'],
  ['a control character in a room', { room: 'a\u0007b', name: 'n' }, 400, 'bad_room'],
  ['other types', { room: 1, name: ['n'] }, 400, 'bad_request'],
  ['an array', [], 400, 'bad_request'],
  ['no JSON', 'room=r&name=n', 400, 'bad_json'],
  ['a large body', { room: 'r', name: 'n', more: 'x'.repeat(10_000) }, 413, 'too_large'],
])('%s is refused', async (_what, body, status, code) => {
  const answer = await askToken(await start(), body);
  expect([answer.status, errorCode(answer.body)]).toEqual([status, code]);
});

test('a form of another site gets no token', async () => {
  const server = await start();
  const body = { room: 'r', name: 'n' };
  const plain = await askToken(server, body, { 'Content-Type': 'text/plain' });
  expect([plain.status, errorCode(plain.body)]).toEqual([415, 'not_json']);
  const foreign = await askToken(server, body, { Origin: 'https://evil.example' });
  expect([foreign.status, errorCode(foreign.body)]).toEqual([403, 'wrong_origin']);
  const own = await askToken(server, body, { Origin: server.url });
  expect(own.status).toBe(200);
});

test('only addresses of this machine are its own', async () => {
  const server = await start();
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await rawStatus(server, '/', { Host: 'evil.example' })).toBe(421);
  expect(await rawStatus(server, '/', { Host: 'localhost:1' })).toBe(200);
  expect(await rawStatus(server, '/', { Host: '[::1]' })).toBe(200);
});

test('a name of a host that is none is refused, however often it was asked', () => {
  const host = Buffer.from('\ua297""').toString('latin1');
  for (let count = 0; count < 10_000; count += 1) {
    expect(() => assertOwnRequest({ host }, true)).toThrow(RequestError);
  }
});

test('serves the page with a strict policy and nothing else', async () => {
  const server = await start();
  const page = await fetch(`${server.url}/?room=x`);
  expect(await page.text()).toBe(HTML);
  const policy = page.headers.get('content-security-policy')?.split('; ') ?? [];
  expect(policy).toContain(`default-src 'none'`);
  expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:7880 http://127.0.0.1:7880`);
  expect(policy).toContain(
    // The hash of `{}`, which is the page's import map.
    `script-src 'self' 'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o='`,
  );
  expect(policy).toContain(`frame-ancestors 'none'`);
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page.headers.get('cache-control')).toBe('no-cache');

  const again = await fetch(server.url, { headers: { 'If-None-Match': '"tag"' } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const config = await fetch(`${server.url}/api/config`);
  expect(await config.json()).toEqual({ defaultRoom: 'demo' });
  const wrong = await fetch(`${server.url}/main.js`, { method: 'DELETE' });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await fetch(`${server.url}/api/token`)).status).toBe(405);
});

test.each([
  '/../package.json',
  '/..%2fpackage.json',
  '//etc/passwd',
  '/vendor/../../package.json',
  '/main.js/..',
  '/main.js%00',
  '/__proto__',
  '/constructor',
])('%s is not there', async (path) => {
  expect(await rawStatus(await start(), path)).toBe(404);
});

test.each([
  ['wss://x.livekit.cloud', 'wss://x.livekit.cloud', 'wss://*.livekit.cloud'],
  ['https://lk.example:8443/', 'wss://lk.example:8443', 'https://lk.example:8443'],
])('a page for %s may reach it', async (livekitUrl, url, source) => {
  const server = await start({ livekitUrl });
  const { headers, body } = await askToken(server, { room: 'r', name: 'n' });
  expect((JSON.parse(body) as { url: string }).url).toBe(url);
  const policy = headers.get('content-security-policy') ?? '';
  const sources = /connect-src ([^;]*)/.exec(policy)?.[1]?.split(' ');
  expect(sources).toEqual(expect.arrayContaining([`'self'`, url, source]));
});

test('tells what is wrong when it cannot start', async () => {
  const server = await start();
  const port = Number(new URL(server.url).port);
  await expect(start({ port })).rejects.toMatchObject({
    constructor: PageServerError,
    code: 'cannot_listen',
  });
  await expect(start({ livekitUrl: 'ftp://x' })).rejects.toMatchObject({ code: 'bad_livekit_url' });
});

test('a page that was never compiled is not served', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'page-'));
  try {
    const notBuilt = { constructor: PageServerError, code: 'not_built' };
    await expect(loadAssets(empty)).rejects.toMatchObject(notBuilt);
    await expect(loadAssets(join(empty, 'nowhere'))).rejects.toMatchObject(notBuilt);
    await writeFile(join(empty, 'main.js'), '');
    await writeFile(join(empty, 'main.js.map'), '');
    const { files } = await loadAssets(empty);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        '/',
        '/theme.css',
        '/icon.svg',
        '/main.js',
        '/vendor/livekit-client.mjs',
      ]),
    );
    expect(files.has('/main.js.map')).toBe(false);
  } finally {
    await rm(empty, { recursive: true });
  }
});

test('closes at once, also twice and with somebody connected', async () => {
  const server = await start();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  await Promise.all([server.close(), server.close()]);
  await ended;
  await expect(fetch(server.url)).rejects.toThrow();
});
