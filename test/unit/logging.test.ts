import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AudioFrame } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { createLogger } from '../../src/logging.js';
import { RoomCaptioner } from '../../src/room/captioner.js';
import { alphabetWords } from '../support/alphabet.js';
import { FakeRoom } from '../support/fake-room.js';

const RATE = 16_000;
const INDICES = [5, 42, 79, 116, 153];
const KEY = 'key-of-the-test';
const INFO = 30;
const PATIENCE = { timeout: 30_000 };

let directory: string;
let pulse: PulseServer;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'logging-'));
  pulse = await startPulseServer({ recogniser: createExactRecogniser(), apiKey: KEY });
});
afterEach(async () => {
  await pulse.close();
  await rm(directory, { recursive: true });
});

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly room?: string;
  readonly track?: string;
  readonly message?: number;
  readonly type?: string;
  readonly segment?: string;
  readonly rev?: number;
  readonly final?: boolean;
  readonly output?: string;
}

/** Somebody speaks, by a real socket; the settings that were asked for are partly wrong. */
async function logOfSpeech(): Promise<{ lines: Line[]; texts: string[]; captions: string }> {
  const texts: string[] = [];
  const logger = createLogger('trace', { write: (text: string) => void texts.push(text) });
  const room = new FakeRoom();
  const captioner = new RoomCaptioner({
    room: room.asRoom(),
    config: {
      pulse: { apiKey: KEY, baseUrl: pulse.url, recognition: { language: 'en', vadEvents: true } },
      captions: { outputs: ['data', 'streams'] },
      transcript: { directory },
    },
    logger: logger.child({ room: 'RM_fake' }),
    openAudio: room.openAudio,
  });
  await captioner.start();
  const alice = room.join('alice@example.org', 'Alice Ng', undefined, {
    'captions.language': 'Elbonian',
  });
  const publication = room.publish(alice, 'TR_alice');
  room.setMetadata({ captions: { keywords: ['Blackwell:99'] } });
  const feed = publication.track && room.feeds.get(publication.track);
  const samples = encodeWords(INDICES, { sampleRate: RATE, wordMs: 320, marginMs: 400 });
  for (let at = 0; at < samples.length; at += 800) {
    const part = samples.slice(at, at + 800);
    feed?.enqueue(new AudioFrame(part, RATE, 1, part.length));
  }
  room.leave(alice);
  await captioner.end();
  const captions = room.texts.map(({ text }) => text).join(' ');
  return { lines: texts.map((text) => JSON.parse(text) as Line), texts, captions };
}

test(
  'of speech that goes through, no line at any level has a word, and none from info on a name',
  PATIENCE,
  async () => {
    const { lines, texts, captions } = await logOfSpeech();
    const words = alphabetWords(INDICES);
    for (const word of words) expect(captions).toContain(word);
    for (const text of texts) {
      for (const word of words) expect(text).not.toMatch(new RegExp(`\\b${word}\\b`, 'i'));
      expect(text).not.toContain(KEY);
    }
    const shown = texts.filter((_, index) => (lines[index]?.level ?? 0) >= INFO).join('');
    expect(shown).toContain('RM_fake');
    expect(shown).not.toMatch(/alice@|Alice Ng|Elbonian|Blackwell/);
    expect(lines.every(({ room }) => room === 'RM_fake')).toBe(true);
  },
);

test(
  'a word can be followed from the message that brought it to each output',
  PATIENCE,
  async () => {
    const { lines } = await logOfSpeech();
    const final = lines.find((line) => line.final === true);
    expect(final?.message).toBeGreaterThan(0);
    const from = lines.find((line) => line.type !== undefined && line.message === final?.message);
    expect(from).toMatchObject({ track: 'TR_alice', msg: 'Pulse says something' });
    const sent = lines.filter(
      (line) => line.msg === 'a caption is sent' && line.segment === final?.segment,
    );
    const outputs = sent.filter(({ rev }) => rev === final?.rev).map(({ output }) => output);
    expect(outputs.sort()).toEqual(['data', 'streams']);
    expect(sent.every(({ track }) => track === 'TR_alice')).toBe(true);
  },
);

test('on a terminal a line is for people: the time, how bad it is, what it is about', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (text: string) => void lines.push(text) }, true);
  logger.child({ room: 'RM_1' }).warn({ apiKey: 'secret-key' }, 'captions are late');
  const [line = ''] = lines;
  expect(line).toMatch(/\d\d:\d\d:\d\d\.\d{3}.*WARN.*captions are late.*"room":"RM_1"/);
  expect(line).not.toContain('secret-key');
  expect(line.trimEnd()).not.toContain('\n');
});
