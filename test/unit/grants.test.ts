import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TokenVerifier } from 'livekit-server-sdk';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { LiveKitApi } from '../../src/host/livekit-api.js';
import { Registration } from '../../src/host/registration.js';

const KEY = 'APIkey';
const SECRET = 'a secret of more than thirty-two characters';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function config(port = 7880) {
  const limits = { maxLoad: 1, maxStreams: undefined, healthPort: 0, drainMs: 0 };
  return {
    livekit: {
      url: `ws://127.0.0.1:${port}`,
      apiKey: KEY,
      apiSecret: SECRET,
      sharedKey: undefined,
    },
    worker: { agentName: '', roomsPerProcess: 1, ...limits },
  };
}

/** A server that keeps how it was asked. */
async function startServer() {
  const authorizations: string[] = [];
  const http = createServer((request, response) => {
    authorizations.push(request.headers.authorization ?? '');
    response.end('{"payload":"{}"}');
  });
  http.on('upgrade', (request, socket) => {
    authorizations.push(request.headers.authorization ?? '');
    socket.destroy();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closers.push(() => http.close());
  return { port: (http.address() as AddressInfo).port, authorizations };
}

/** Without what every token has. */
async function claimsOf(token: string) {
  const claims = await new TokenVerifier(KEY, SECRET).verify(token.replace('Bearer ', ''));
  const { iss, nbf = 0, exp = 0, ...rest } = claims;
  expect(iss).toBe(KEY);
  return { ...rest, seconds: exp - nbf };
}

test("a captioner's token is for one room and one identity, an hour, and no media of its own", async () => {
  const token = await new LiveKitApi(config()).token('a room', 'captions-1', 'process-7');
  expect(await claimsOf(token)).toEqual({
    sub: 'captions-1',
    name: 'Captions',
    kind: 'agent',
    seconds: 3600,
    attributes: {
      'captions.v': '1',
      'captions.state': 'starting',
      'captions.process': 'process-7',
    },
    video: {
      roomJoin: true,
      room: 'a room',
      agent: true,
      canSubscribe: true,
      canPublish: false,
      canPublishData: true,
      canUpdateOwnMetadata: true,
    },
  });
});

test('a worker registers with a token that is good for that alone', async () => {
  const { port, authorizations } = await startServer();
  const nothing = () => undefined;
  const registration = new Registration(
    config(port),
    {
      ...{ registered: nothing, disconnected: nothing, assigned: nothing, terminated: nothing },
      available: () => Promise.resolve(undefined),
    },
    pino({ level: 'silent' }),
  );
  closers.push(() => registration.close());
  registration.open();
  await expect.poll(() => authorizations.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(await claimsOf(authorizations[0] ?? '')).toEqual({
    seconds: 3600,
    video: { agent: true },
  });
});

test('the question whether a captioner lives may be asked in its room alone, within a minute', async () => {
  const { port, authorizations } = await startServer();
  await new LiveKitApi(config(port)).call('a room', 'captions-1', 'captions.alive', '{}', 5000);
  expect(await claimsOf(authorizations[0] ?? '')).toEqual({
    seconds: 60,
    video: { roomAdmin: true, room: 'a room' },
  });
});
