import { afterEach, expect, test } from 'vitest';
import {
  type PulseServer,
  type PulseServerOptions,
  type Recogniser,
  scriptedWords,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { readWav, writeWav } from '../../src/devkit/pulse-server/wav.js';

const servers: PulseServer[] = [];

/** Answers every file with the same words, after its length in samples. */
const parrot: Recogniser = {
  name: 'a parrot',
  open(_options, events) {
    let samples = 0;
    return {
      push(sound) {
        samples += sound.length;
        return Promise.resolve();
      },
      flush() {
        events.final(scriptedWords(`${samples} samples. Thank`), true);
        return Promise.resolve(scriptedWords('you', 2));
      },
      close: () => undefined,
    };
  },
  close: () => Promise.resolve(),
};

async function start(options: Partial<PulseServerOptions> = {}): Promise<PulseServer> {
  const server = await startPulseServer({ recogniser: parrot, ...options });
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const second = writeWav({ sampleRate: 16_000, samples: new Int16Array(16_000) });

async function post(
  server: PulseServer,
  query: Record<string, string>,
  body: Buffer | string = second,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${server.url}/stt/?${new URLSearchParams(query).toString()}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'Content-Type': 'application/octet-stream', ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const ok = { model: 'pulse', language: 'en' };

test('a WAV file comes back as text, with words and utterances when asked for', async () => {
  const server = await start();
  const plain = await post(server, ok);
  expect(plain.status).toBe(200);
  expect(plain.body).toEqual({
    status: 'success',
    transcription: '16000 samples. Thank you',
    metadata: { duration: 1, fileSize: second.length },
  });
  const timed = await post(server, { ...ok, word_timestamps: 'true' });
  expect(timed.body['words']).toHaveLength(4);
  expect(timed.body['utterances']).toEqual([
    { text: '16000 samples.', start: 0, end: 1.1 },
    { text: 'Thank you', start: 1.2, end: 2.5 },
  ]);
});

test('pulse-pro adds language and request id, and has no utterances', async () => {
  const server = await start();
  const answer = await post(server, {
    model: 'pulse-pro',
    language: 'en',
    word_timestamps: 'true',
  });
  expect(answer.body).toMatchObject({ language: 'en', request_id: expect.any(String) as string });
  expect(answer.body).not.toHaveProperty('utterances');
  expect((await post(server, { model: 'pulse-pro', language: 'fr' })).status).toBe(400);
});

test.each([
  ['no model', { language: 'en' }, second],
  ['a language of streaming', { ...ok, language: 'yue' }, second],
  ['a webhook', { ...ok, webhook_url: 'http://127.0.0.1:1/' }, second],
  ['a file that is no WAV', ok, Buffer.from('ID3 something')],
  ['an empty body', ok, Buffer.alloc(0)],
  ['a cut header', ok, second.subarray(0, 30)],
])('400: %s', async (_name, query, body) => {
  const answer = await post(await start(), query, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({
    error: expect.any(String) as string,
    request_id: answer.headers.get('x-request-id'),
  });
});

test('400: a url instead of audio', async () => {
  const answer = await post(await start(), ok, '{"url":"http://127.0.0.1/a.wav"}', {
    'Content-Type': 'application/json',
  });
  expect(answer.status).toBe(400);
});

test('413: a body over the limit, also when its length is not announced', async () => {
  const server = await start({ mostBatchBytes: 20_000 });
  expect((await post(server, ok)).status).toBe(413);
  const stream = new Blob([new Uint8Array(second)]).stream();
  const request = { method: 'POST', body: stream, duplex: 'half' } as const;
  const response = await fetch(`${server.url}/stt/?model=pulse&language=en`, request);
  expect(response.status).toBe(413);
});

test('401: another key; and refusals with Retry-After', async () => {
  const server = await start({ apiKey: 'sesame' });
  expect((await post(server, ok)).status).toBe(401);
  const key = { Authorization: 'Bearer sesame' };
  server.faults.refuseBatch({ status: 429, retryAfter: 3, count: 1 });
  const refused = await post(server, ok, second, key);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
  expect((await post(server, ok, second, key)).status).toBe(200);
  expect(server.stats.batchRequests).toBe(3);
});

test('other paths and methods', async () => {
  const server = await start();
  expect((await fetch(`${server.url}/stt/`)).status).toBe(405);
  expect((await fetch(`${server.url}/stt/live`)).status).toBe(426);
  expect((await fetch(`${server.url}/tts`)).status).toBe(404);
});

test('WAV: several channels are mixed, other chunks skipped, a length of a pipe means until the end', () => {
  const stereo = Buffer.from(
    writeWav({ sampleRate: 8000, samples: Int16Array.of(100, 300, -5, 5) }),
  );
  stereo.writeUInt16LE(2, 22);
  stereo.writeUInt32LE(0xffffffff, 40);
  const list = Buffer.concat([Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')]);
  const file = Buffer.concat([stereo.subarray(0, 36), list, stereo.subarray(36)]);
  expect(readWav(file)).toEqual({ sampleRate: 8000, samples: Int16Array.of(200, 0) });
});
