import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ScriptedRecogniser,
  scriptedWords,
  startPulseServer,
  type PulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { transcribe, type PulseBatchOptions } from '../../src/pulse/index.js';
import { encodeWav } from '../../src/pulse/wav.js';

let recogniser: ScriptedRecogniser;
let server: PulseServer;
let options: PulseBatchOptions;
let folder: string;

beforeEach(async () => {
  recogniser = new ScriptedRecogniser();
  server = await startPulseServer({ recogniser, apiKey: 'right-key', mostBatchBytes: 1_000_000 });
  options = { apiKey: 'right-key', baseUrl: server.url };
  folder = await mkdtemp(join(tmpdir(), 'batch test '));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const wav = encodeWav(new Int16Array(32_000).fill(1000), 16_000);

test('a file is sent from the disk, with its progress, and the whole answer comes back', async () => {
  const file = join(folder, 'talk.wav');
  await writeFile(file, wav);
  void recogniser.next().then((session) => {
    session.rest = scriptedWords('so the plan', 0.25);
  });
  const progress: [number, number][] = [];
  const result = await transcribe({ file }, options, {
    onProgress: (sent, total) => progress.push([sent, total]),
  });
  expect(result).toMatchObject({
    type: 'transcript',
    text: 'so the plan',
    durationMs: 2000,
    words: [{ text: 'so', start: 250, end: 750 }, { text: 'the' }, { text: 'plan' }],
    utterances: [{ text: 'so the plan', start: 250 }],
  });
  expect(progress.at(-1)).toEqual([wav.length, wav.length]);
});

test('a rate limit and a fault of the server are waited for', async () => {
  server.faults.refuseBatch({ status: 429, retryAfter: 0, count: 1 });
  const result = await transcribe({ bytes: wav }, options);
  expect(result.type).toBe('transcript');
  expect(server.stats.batchRequests).toBe(2);
});

test('tries end, and the error says why', async () => {
  server.faults.refuseBatch({ status: 503 });
  await expect(transcribe({ bytes: wav }, { ...options, retries: 1 })).rejects.toMatchObject({
    code: 'unavailable',
    status: 503,
    retryable: true,
  });
  expect(server.stats.batchRequests).toBe(2);
});

test('a wrong key is not tried again', async () => {
  const call = transcribe({ bytes: wav }, { ...options, apiKey: 'wrong-key' });
  await expect(call).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
  await expect(call).rejects.not.toThrow(/wrong-key/);
  expect(server.stats.batchRequests).toBe(1);
});

test('what the server finds too large is refused once, while it is still being sent', async () => {
  const call = transcribe({ bytes: new Uint8Array(20_000_000) }, options);
  await expect(call).rejects.toMatchObject({ code: 'too_large', status: 413 });
});

test.each([
  ['a file that is not there', { file: '/no/such/file.wav' }, {}, 'bad_options'],
  ['no audio', { bytes: new Uint8Array() }, {}, 'bad_options'],
  ['a language that batch lacks', { bytes: wav }, { language: 'yue' }, 'bad_options'],
  ['pulse-pro in French', { bytes: wav }, { model: 'pulse-pro', language: 'fr' }, 'bad_options'],
  ['an address for pulse-pro', { url: 'http://x/a.wav' }, { model: 'pulse-pro' }, 'bad_options'],
  ['a webhook for pulse', { bytes: wav }, { webhookUrl: 'http://x/' }, 'bad_options'],
] as const)('%s is refused before anything is sent', async (_, audio, more, code) => {
  await expect(transcribe(audio, { ...options, ...more })).rejects.toMatchObject({ code });
  expect(server.stats.batchRequests).toBe(0);
});

test('a file over the limit is refused before anything is sent', async () => {
  const file = join(folder, 'long.wav');
  await writeFile(file, wav);
  await truncate(file, 251 * 1024 * 1024);
  await expect(transcribe({ file }, options)).rejects.toMatchObject({ code: 'too_large' });
  expect(server.stats.batchRequests).toBe(0);
});

test('can be given up', async () => {
  const abort = new AbortController();
  server.faults.refuseBatch({ status: 429, retryAfter: 30 });
  const call = transcribe({ bytes: wav }, options, {
    signal: abort.signal,
    onProgress: () => setImmediate(() => abort.abort()),
  });
  await expect(call).rejects.toThrow(/abort/i);
});
