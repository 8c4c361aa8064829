import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import inference from '@livekit/local-inference';
import av from '@livekit/av';
import { afterEach, expect, test } from 'vitest';
import {
  createExactRecogniser,
  encodeWords,
  type ExactOptions,
  VOCABULARY,
  wordSpans,
} from '../../src/devkit/pulse-server/exact/index.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { readWav, writeWav } from '../../src/devkit/pulse-server/wav.js';
import { alphabetWords, PERFECT, tally } from '../support/alphabet.js';
import { BareClient } from '../support/alphabet-client.js';

const servers: PulseServer[] = [];

async function open(exact: ExactOptions = {}, query: Record<string, string> = {}) {
  const server = await startPulseServer({ recogniser: createExactRecogniser(exact) });
  servers.push(server);
  return { server, client: await BareClient.open(server.url, query) };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const some = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => (from + 17 * index) % VOCABULARY.length);

/** The words that come back when this sound is sent. */
async function heard(sound: Int16Array, sampleRate: number): Promise<string> {
  const { client } = await open({}, { sample_rate: String(sampleRate) });
  client.send(sound, sampleRate);
  await client.finish();
  return client.text;
}

test('there are several hundred distinct words that can be pronounced', () => {
  expect(VOCABULARY).toHaveLength(441);
  expect(new Set(VOCABULARY).size).toBe(441);
  for (const word of VOCABULARY) expect(word).toMatch(/^[a-z]{5}$/);
});

test('every word is read back', async () => {
  const all = [...VOCABULARY.keys()];
  const text = await heard(encodeWords(all, { sampleRate: 16_000, gapMs: 0, wordMs: 180 }), 16_000);
  expect(text).toBe(VOCABULARY.join(' '));
});

test.each([8000, 22_050, 24_000, 44_100, 48_000])('read back at %i Hz', async (sampleRate) => {
  const text = await heard(encodeWords(some(40), { sampleRate }), sampleRate);
  expect(text).toBe(alphabetWords(some(40)).join(' '));
});

test('read back through Opus', async () => {
  const ffmpeg = av.getFfmpegPath();
  if (ffmpeg === undefined) throw new Error('@livekit/av has no ffmpeg for this platform');
  const folder = mkdtempSync(join(tmpdir(), 'alphabet-'));
  try {
    const sound = encodeWords(some(60), { sampleRate: 48_000, marginMs: 200 });
    writeFileSync(join(folder, 'in.wav'), writeWav({ sampleRate: 48_000, samples: sound }));
    const run = (...args: string[]) =>
      execFileSync(ffmpeg, ['-v', 'error', ...args], { cwd: folder });
    run('-i', 'in.wav', '-c:a', 'libopus', '-b:a', '24k', '-application', 'voip', 'coded.ogg');
    run('-i', 'coded.ogg', '-ar', '48000', '-ac', '1', 'out.wav');
    const out = readWav(readFileSync(join(folder, 'out.wav')));
    expect(await heard(out.samples, 48_000)).toBe(alphabetWords(some(60)).join(' '));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a voice detector takes it for speech', async () => {
  const sound = encodeWords(some(60), { sampleRate: 16_000 });
  const vad = inference.createVad();
  let speech = 0;
  let windows = 0;
  for (let at = 0; at + 512 <= sound.length; at += 512) {
    windows += 1;
    if ((await vad.predict(sound.slice(at, at + 512))) >= 0.5) speech += 1;
  }
  expect(speech / windows).toBeGreaterThan(0.93);
});

test('the times of words are exact to a hundredth of a second or so', async () => {
  const { client } = await open({}, { word_timestamps: 'true' });
  const options = { sampleRate: 16_000, marginMs: 333 };
  client.send(encodeWords(some(20), options));
  await client.finish();
  const words = client.finals.flatMap((message) => message.words ?? []);
  const spans = wordSpans(20, options);
  expect(words).toHaveLength(20);
  for (const [index, word] of words.entries()) {
    expect(Math.abs(word.start * 1000 - (spans[index]?.start ?? 0))).toBeLessThan(16);
    expect(Math.abs(word.end * 1000 - (spans[index]?.end ?? 0))).toBeLessThan(16);
    expect(word.confidence).toBeGreaterThan(0.5);
  }
});

test('a stream that begins in the middle of a word tells only the whole words after it', async () => {
  const sound = encodeWords([5, 300, 77], { sampleRate: 16_000 });
  const beginnings = [0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1, 1.2].map((share) => share * 3840);
  for (const cut of beginnings) {
    const words = (await heard(sound.slice(cut), 16_000)).split(' ');
    expect(alphabetWords([5, 300, 77]).join(' ')).toContain(words.join(' '));
    expect(words.length).toBeGreaterThanOrEqual(2);
    if (cut >= 0.4 * 3840) expect(words).toHaveLength(2);
  }
});

test('two torn halves never make a word', async () => {
  const one = encodeWords([5], { sampleRate: 16_000 });
  const other = encodeWords([300], { sampleRate: 16_000 });
  for (const share of [0.34, 0.5, 0.67]) {
    const seam = Math.round(share * one.length);
    const torn = Int16Array.of(...one.slice(0, seam), ...other.slice(seam));
    expect(await heard(torn, 16_000)).toBe('');
  }
});

test('a finalize at any moment neither loses nor doubles a word', async () => {
  const indices = some(12);
  const sound = encodeWords(indices, { sampleRate: 16_000 });
  const { client } = await open({ wordsPerFinal: 100 });
  // Pieces of 70 ms beside words of 300: each moment of a word is met.
  for (let at = 0; at < sound.length; at += 1120) {
    client.send(sound.slice(at, at + 1120));
    client.command('finalize');
  }
  await client.finish();
  expect(tally(alphabetWords(indices), client.text)).toEqual(PERFECT);
  const answers = client.finals.filter((message) => message.from_finalize);
  expect(answers).toHaveLength(Math.ceil(sound.length / 1120));
});

test('interims grow by word, finals come every so many words', async () => {
  const { client } = await open({ wordsPerFinal: 3 });
  client.send(encodeWords([1, 2, 3, 4], { sampleRate: 16_000 }));
  await client.finish();
  const [a = '', b = '', c = '', d = ''] = alphabetWords([1, 2, 3, 4]);
  expect(client.messages.map((message) => [message.is_final, message.transcript])).toEqual([
    [false, a],
    [false, `${a} ${b}`],
    [true, `${a} ${b} ${c}`],
    [false, d],
    [true, d],
  ]);
});

test('without finalize_on_words a final comes at the end of the utterance', async () => {
  const { client } = await open({ wordsPerFinal: 1 }, { finalize_on_words: 'false' });
  client.send(encodeWords(some(6), { sampleRate: 16_000 }));
  client.send(new Int16Array(16_000));
  await client.finish();
  expect(client.finals.map((message) => message.transcript)).toEqual([
    alphabetWords(some(6)).join(' '),
    '',
  ]);
});

test('speech events: acoustic, in pairs, after the finals of the speech', async () => {
  const { client } = await open(
    { wordsPerFinal: 2 },
    { vad_events: 'true', endpointing_timeout: '300' },
  );
  for (let turn = 0; turn < 2; turn += 1) {
    client.send(encodeWords(some(3, turn), { sampleRate: 16_000, marginMs: 100 }));
    client.send(new Int16Array(8000));
  }
  await client.finish();
  const kinds = client.messages.map((message) => (message.is_final ? 'final' : message.type));
  const turn = [
    'speech_started',
    'transcription',
    'final',
    'transcription',
    'final',
    'speech_ended',
  ];
  expect(kinds).toEqual([...turn, ...turn, 'final']);
  const times = client.messages.flatMap((message) => message.timestamp ?? []);
  for (const [index, expected] of [0.1, 0.94, 1.64, 2.48].entries()) {
    expect(Math.abs((times[index] ?? 0) - expected)).toBeLessThan(0.03);
  }
});

test('latency delays answers and keeps their order', async () => {
  const { client } = await open({ wordsPerFinal: 1, latencyMs: 80 });
  const sent = performance.now();
  client.send(encodeWords(some(10), { sampleRate: 16_000 }));
  await client.finish();
  expect(performance.now() - sent).toBeGreaterThan(75);
  expect(client.text).toBe(alphabetWords(some(10)).join(' '));
});

test('sentences on request', async () => {
  const { client } = await open({ sentenceWords: 2, wordsPerFinal: 3 });
  client.send(encodeWords([0, 1, 2, 3], { sampleRate: 16_000 }));
  await client.finish();
  expect(client.text).toMatch(/^B\w+ b\w+\. B\w+ b\w+\.$/);
});

test('silence, noise and speech without tones are no words', async () => {
  const noise = Int16Array.from({ length: 48_000 }, (_, index) => ((index * 7919) % 8001) - 4000);
  expect(await heard(noise, 16_000)).toBe('');
  expect(await heard(encodeWords([], { sampleRate: 16_000, marginMs: 2000 }), 16_000)).toBe('');
});

test('the tally counts what was lost, doubled, disordered or never said', () => {
  const said = ['a', 'b', 'c', 'd'];
  expect(tally(said, 'A, b c. D')).toEqual(PERFECT);
  expect(tally(said, 'a c c x d')).toEqual({
    lost: ['b'],
    doubled: ['c'],
    foreign: ['x'],
    disordered: 0,
  });
  expect(tally(said, 'b a c d').disordered).toBe(1);
  expect(tally(['a', 'a'], 'a').lost).toEqual(['a']);
});
