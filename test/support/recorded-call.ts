import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Caption } from '../../src/captions/caption.js';
import { encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { writeWav } from '../../src/devkit/pulse-server/wav.js';
import { Journal } from '../../src/transcript/journal.js';
import { caption } from './captions.js';

export const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
const RATE = 16_000;
const WORD = { sampleRate: RATE, wordMs: 240, gapMs: 60 };

/** What was captioned of somebody of that name, a second for each three words. */
export function said(
  name: string,
  start: number,
  text: string,
  rest: Partial<Caption> = {},
): Caption {
  const words = text.split(' ');
  return caption(text, {
    id: `SG_${name}_${start}`,
    speaker: { identity: name, name: name.toUpperCase(), label: name.toUpperCase() },
    track: { sid: `TR_${name}`, source: 'microphone' },
    start,
    end: start + words.length * 300,
    words: words.map((word, index) => ({
      text: word,
      start: start + index * 300,
      end: start + index * 300 + 240,
    })),
    ...rest,
  });
}

/** @returns the path of a journal that was ended */
export async function writeCall(dir: string, write: (journal: Journal) => void): Promise<string> {
  const room = { sid: 'RM_abc', name: 'Standup' };
  const journal = new Journal({
    dir,
    room,
    epoch: EPOCH,
    onError: (error) => {
      throw error;
    },
  });
  write(journal);
  await journal.close(20_000);
  return journal.path ?? '';
}

/**
 * A recording with words of the sound alphabet at some times.
 * @param speech for each time, in milliseconds of the recording, the words' indices
 */
export async function writeRecording(
  path: string,
  lengthMs: number,
  speech: Readonly<Record<number, readonly number[]>>,
): Promise<string> {
  const samples = new Int16Array((lengthMs * RATE) / 1000);
  for (const [at, words] of Object.entries(speech)) {
    samples.set(encodeWords(words, WORD), (Number(at) * RATE) / 1000);
  }
  await writeFile(path, writeWav({ sampleRate: RATE, samples }));
  return path;
}

/** Every file of a folder, with what is in it. */
export async function filesIn(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir)).sort();
  const texts = names.map(async (name) => [name, await readFile(join(dir, name), 'latin1')]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}
