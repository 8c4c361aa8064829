import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ServerMessage } from '@livekit/protocol';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeMessage, encodeMessage } from '../../src/captions/schema.js';
import { parseCaptionMessage } from '../../src/client/caption-update.js';
import { readDispatch } from '../../src/host/assignment.js';
import { LiveKitApi } from '../../src/host/livekit-api.js';
import { answerAlive, readAlive } from '../../src/host/process/alive.js';
import { Registration } from '../../src/host/registration.js';
import { PulseSocket } from '../../src/pulse/socket.js';
import { backlogPage } from '../../src/publish/backlog-pages.js';
import { linesOf } from '../../src/transcript/lines.js';
import type { ObjectStore } from '../../src/transcript/store/objects.js';
import { headOfStored } from '../../src/transcript/store/stored-journals.js';
import { started } from '../../src/transcript/webhook/events.js';
import { Webhook } from '../../src/transcript/webhook/webhook.js';
import { readTranscript } from '../../src/transcript/read.js';
import { segmentRecord } from '../../src/transcript/records.js';
import { CAPTION } from '../../src/devkit/fuzz/parsers/captions.js';

const MEGABYTE = 1024 * 1024;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server of sockets that says `first` to each, and then `then`. */
async function speaking(first: string | Uint8Array, then?: Uint8Array) {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  const sockets: WebSocket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.send(first);
    if (then) socket.send(then);
  });
  const port = await listening(http);
  closers.push(() => sockets.forEach((socket) => socket.terminate()));
  return { port, sockets };
}

function livekit(port: number) {
  const access = { apiKey: 'key', apiSecret: 'secret', sharedKey: undefined };
  const limits = {
    roomsPerProcess: 1,
    maxLoad: 1,
    maxStreams: undefined,
    healthPort: 0,
    drainMs: 0,
  };
  return {
    livekit: { ...access, url: `ws://127.0.0.1:${port}` },
    worker: { agentName: '', ...limits },
  };
}

describe('sockets', () => {
  test('Pulse is left when it sends more than any message has', async () => {
    const { port } = await speaking('x'.repeat(5 * MEGABYTE));
    const heard: string[] = [];
    const lost = await new Promise((resolve) => {
      new PulseSocket(
        new URL(`ws://127.0.0.1:${port}`),
        {},
        {
          opened: () => undefined,
          message: (text) => heard.push(text),
          blocked: () => undefined,
          drained: () => undefined,
          lost: resolve,
        },
      );
    });
    expect(heard).toEqual([]);
    expect(lost).toMatchObject({ name: 'PulseError', retryable: true });
  });

  test('LiveKit is left, and registered with again, when it sends more than a job has', async () => {
    const { port, sockets } = await speaking(new Uint8Array(5 * MEGABYTE));
    const registration = new Registration(livekit(port), NOTHING, pino({ level: 'silent' }));
    closers.push(() => registration.close());
    registration.open();
    await expect.poll(() => sockets.length, { timeout: 20_000 }).toBe(2);
  });

  test('what is no message of the worker protocol is left out', async () => {
    const message = { case: 'register', value: { workerId: 'AW_a' } } as const;
    const register = new ServerMessage({ message }).toBinary();
    const { port, sockets } = await speaking(new Uint8Array(100).fill(0xff), register);
    const registration = new Registration(livekit(port), NOTHING, pino({ level: 'silent' }));
    closers.push(() => registration.close());
    registration.open();
    await expect.poll(() => registration.registered, { timeout: 20_000 }).toBe(true);
    expect(sockets).toHaveLength(1);
  });
});

const NOTHING = {
  registered: () => undefined,
  disconnected: () => undefined,
  available: () => Promise.resolve(undefined),
  assigned: () => undefined,
  terminated: () => undefined,
};

test.each([
  ['longer than any', JSON.stringify({ payload: 'x'.repeat(MEGABYTE) })],
  ['that is not JSON', '<html>'],
  ['of another kind', '{"payload":7}'],
])("an answer of LiveKit's %s is refused", async (_name, answer) => {
  const http = createServer((_request, response) => response.end(answer));
  const api = new LiveKitApi(livekit(await listening(http)));
  await expect(api.call('room', 'captions-1', 'captions.alive', '{}', 5000)).rejects.toMatchObject({
    name: 'HostError',
    code: 'livekit_refused',
  });
});

describe('answers without an end', () => {
  /** Sends for as long as anybody reads. */
  function* endless() {
    for (;;) yield Buffer.alloc(65_536, '{');
  }

  test("of the webhook's receiver are not read", async () => {
    const http = createServer((request, response) => {
      request.resume();
      Readable.from(endless()).pipe(response);
    });
    const url = `http://127.0.0.1:${await listening(http)}/`;
    const webhook = new Webhook({ url, segments: false, apiKey: 'key', apiSecret: 'secret' });
    const transcript = { id: 'RM_a', room: { sid: 'RM_a', name: 'weekly' }, epoch: 1 };
    await webhook.send(started(transcript, 1));
  });

  test('of a store that does not know of ranges are read as far as was asked for', async () => {
    const sent: Readable[] = [];
    const get = () => {
      sent.push(Readable.from(endless()));
      return Promise.resolve(sent.at(-1));
    };
    const name = 'RM_a_20261123T082400123Z.jsonl';
    const journal = {
      name,
      address: `s3://b/${name}`,
      objects: [name],
      lines: () => linesOf(Readable.from([])),
    };
    const head = await headOfStored({ get } as unknown as ObjectStore, journal);
    expect(head).toMatchObject({ sids: ['RM_a'] });
    expect(sent.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});

describe('calls and metadata', () => {
  const padding = ' '.repeat(100_000);

  test('what is asked of the backlog is short', () => {
    expect(JSON.parse(backlogPage('{"limit":1}', [CAPTION]))).toMatchObject({ more: false });
    expect(() => backlogPage(`{"limit":1}${padding}`, [CAPTION])).toThrow('send JSON like');
  });

  test('so is the question whether a process lives, and its answer', () => {
    expect(() => answerAlive(`{"rooms":[]}${padding}`, new Set())).toThrow('too long');
    expect(readAlive('{"missing":["RM_a"]}')).toEqual({ missing: ['RM_a'] });
    for (const wrong of [`{"missing":[]}${padding}`, '{"missing":7}', 'no', '']) {
      expect(readAlive(wrong)).toBeUndefined();
    }
  });

  test('metadata that is longer than LiveKit takes is not searched for a handover', () => {
    const metadata = JSON.stringify({
      captionsHandover: { from: 'captions-1', metadata: 'x'.repeat(MEGABYTE) },
    });
    expect(readDispatch(metadata)).toEqual({ metadata });
  });

  test('a data message is not longer than what comes in one packet', () => {
    const message = encodeMessage(CAPTION);
    const long = Buffer.concat([message, Buffer.alloc(100_000, ' ')]);
    for (const read of [decodeMessage, parseCaptionMessage]) {
      expect(read(message)).toMatchObject({ id: CAPTION.id });
      expect(read(long)).toBeUndefined();
    }
  });
});

describe('lines of a journal', () => {
  const LINE = JSON.stringify(segmentRecord(CAPTION));
  const ROOM = '{"v":1,"type":"room","sid":"RM_a","name":"weekly","epoch":1}';

  async function linesIn(chunks: readonly string[], longest?: number): Promise<string[]> {
    const lines: string[] = [];
    const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
    for await (const line of linesOf(input, longest)) lines.push(line);
    return lines;
  }

  test.each([
    ['parted where chunks end', ['a\nb', 'c\n', '\nd'], ['a', 'bc', '', 'd']],
    ['with a carriage return', ['a\r\nb\r\n'], ['a', 'b']],
    ['with what ends lines elsewhere', ['a\u2028b\u0085\rc\n'], ['a\u2028b\u0085\rc']],
    ['longer than is read', ['a\n123456', '7890123\nb'], ['a', '12345678', 'b']],
  ])('%s', async (_name, chunks, lines) => {
    expect(await linesIn(chunks, 8)).toEqual(lines);
  });

  test('one of 20 MB costs itself, and a name with a line separator costs nothing', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'limits-'));
    closers.push(() => rm(dir, { recursive: true }));
    const path = join(dir, 'RM_a_20261123T082400123Z.jsonl');
    const long = LINE.replace('so the plan', 'x'.repeat(20 * MEGABYTE));
    const separated = LINE.replace('SG_a', 'SG_b').replace('so the plan', 'so\u2028the plan');
    await writeFile(path, [ROOM, LINE, long, separated, ''].join('\n'));
    const { segments, parts } = await readTranscript([path]);
    expect(segments.map(({ id }) => id)).toEqual(['SG_a', 'SG_b']);
    expect(parts[0]?.damagedLines).toBe(1);
  });
});
