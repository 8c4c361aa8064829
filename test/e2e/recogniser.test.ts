import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureModel, type ModelFiles } from '../../src/devkit/model.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { createMoonshineRecogniser } from '../../src/devkit/pulse-server/moonshine/index.js';
import { writeWav } from '../../src/devkit/pulse-server/wav.js';
import { readClip, speechIndex } from '../../src/devkit/speech/recordings.js';
import { BareClient } from '../support/alphabet-client.js';
import { wordErrorRate } from '../support/wer.js';

interface Reading {
  readonly text: string;
  readonly samples: Int16Array;
}

let model: ModelFiles;
let server: PulseServer;
/** The recordings of a person who reads, 16 kHz. */
let readings: readonly Reading[];

beforeAll(async () => {
  model = await ensureModel((line) => console.log(line));
  server = await startPulseServer({ recogniser: await createMoonshineRecogniser(model) });
  const { clips } = await speechIndex();
  readings = await Promise.all(
    clips
      .filter((clip) => clip.file.startsWith('librivox'))
      .map(async (clip) => ({ text: clip.text, samples: (await readClip(clip.file)).samples })),
  );
});

afterAll(() => server.close());

/** The recordings with a second of silence around each, beginning with another one for each `first`. */
function monologue(first = 0): Reading {
  const order = readings.map((_, index) => readings[(first + index) % readings.length]);
  const silence = new Int16Array(16_000);
  const parts = order.flatMap((reading) => (reading ? [silence, reading.samples] : []));
  return {
    text: order.map((reading) => reading?.text ?? '').join(' '),
    samples: joined([...parts, silence]),
  };
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function speak(client: BareClient, samples: Int16Array, speed = 1): Promise<void> {
  const started = performance.now();
  for (let at = 0; at < samples.length; at += 800) {
    client.send(samples.slice(at, at + 800));
    const ahead = started + at / 16 / speed - performance.now();
    if (ahead > 0) await sleep(ahead);
  }
}

async function transcribed(query: Record<string, string>, reading: Reading, speed = 1) {
  const client = await BareClient.open(server.url, {
    word_timestamps: 'true',
    vad_events: 'true',
    endpointing_timeout: '300',
    ...query,
  });
  await speak(client, reading.samples, speed);
  expect((await client.finish()).code).toBe(1000);
  return client;
}

test('one person in real time: words, times, interims and turns; the event loop stays free', async () => {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const said = monologue();
  const client = await transcribed({}, said);
  delay.disable();
  const rate = wordErrorRate(said.text, client.text);
  console.log('finals every few words:', { rate, loopDelayP99: delay.percentile(99) / 1e6 });
  expect(rate).toBeLessThan(0.15);
  expect(delay.percentile(99) / 1e6).toBeLessThan(100);

  const interims = client.messages.filter((message) => message.is_final === false);
  expect(interims.length).toBeGreaterThan(10);
  expect(client.finals.length).toBeGreaterThan(readings.length + 1);
  const words = client.finals.flatMap((message) => message.words ?? []);
  for (const [index, word] of words.entries()) {
    expect(word.end).toBeGreaterThanOrEqual(word.start);
    expect(word.start).toBeGreaterThanOrEqual(words[index - 1]?.end ?? 0);
  }
  const turns = client.messages.filter((message) => message.type.startsWith('speech_'));
  for (const [index, turn] of turns.entries()) {
    expect(turn.type).toBe(index % 2 === 0 ? 'speech_started' : 'speech_ended');
    expect(turn.timestamp).toBeGreaterThan(turns[index - 1]?.timestamp ?? 0);
  }
  expect(turns.length).toBeGreaterThanOrEqual(2 * readings.length);
});

test('finals for whole utterances are at least as good', async () => {
  const said = monologue();
  // Faster than real time: when its finals come is not what is asked here.
  const client = await transcribed({ finalize_on_words: 'false' }, said, 4);
  const rate = wordErrorRate(said.text, client.text);
  console.log('finals for utterances:', { rate });
  expect(rate).toBeLessThan(0.08);
});

test('four people at once are each heard, and never mixed', async () => {
  const people = readings.map((_, index) => monologue(index));
  const clients = await Promise.all(people.map((said) => transcribed({}, said)));
  const rates = people.map((said, index) => wordErrorRate(said.text, clients[index]?.text ?? ''));
  console.log('four at once:', { rates });
  for (const rate of rates) expect(rate).toBeLessThan(0.15);
});

test('a backlog is read faster than real time without losing a word', async () => {
  const said = monologue();
  const started = performance.now();
  const client = await transcribed({}, said, 8);
  const took = performance.now() - started;
  const rate = wordErrorRate(said.text, client.text);
  console.log('backlog:', { rate, speed: said.samples.length / 16 / took });
  expect(rate).toBeLessThan(0.15);
  expect(took).toBeLessThan(said.samples.length / 16 / 2);
});

test('a minute without a pause is cut where it does no harm', async () => {
  const order = Array.from({ length: 3 }, () => readings).flat();
  const said = {
    text: order.map((reading) => reading.text).join(' '),
    samples: joined(order.map((reading) => reading.samples)),
  };
  const client = await transcribed(
    { endpointing_timeout: '2000', eou_timeout_ms: '2000' },
    said,
    6,
  );
  const rate = wordErrorRate(said.text, client.text);
  console.log('without a pause:', { rate, seconds: said.samples.length / 16_000 });
  expect(rate).toBeLessThan(0.15);
});

test('a file comes back as text', async () => {
  const said = monologue();
  const answer = await fetch(`${server.url}/stt/?model=pulse&language=en&word_timestamps=true`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(writeWav({ sampleRate: 16_000, samples: said.samples })),
  });
  const body = (await answer.json()) as { transcription: string; utterances: unknown[] };
  const rate = wordErrorRate(said.text, body.transcription);
  console.log('batch:', { rate });
  expect(rate).toBeLessThan(0.08);
  expect(body.utterances.length).toBeGreaterThanOrEqual(readings.length - 1);
});

test('a damaged vocabulary file is mended without a network, and quietly', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'captions-model-'));
  try {
    const folder = join(cache, basename(dirname(model.tokens)));
    await mkdir(folder);
    for (const path of [model.encoder, model.decoder]) {
      await copyFile(path, join(folder, basename(path)));
    }
    await writeFile(join(folder, 'tokens.txt'), 'PHVuaz4= 0\n');
    const lines: string[] = [];
    const env = { ...process.env, CAPTIONS_CACHE_DIR: cache, npm_config_offline: 'true' };
    const mended = await ensureModel((line) => lines.push(line), undefined, env);
    expect(await readFile(mended.tokens, 'utf8')).toBe(await readFile(model.tokens, 'utf8'));
    expect(lines).toEqual([]);
  } finally {
    await rm(cache, { recursive: true });
  }
});
