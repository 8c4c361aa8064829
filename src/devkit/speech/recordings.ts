import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readWav, type Recording } from './wav.js';

const clip = z.object({
  file: z.string(),
  speaker: z.string(),
  /** The exact words, with punctuation. */
  text: z.string(),
  source: z.string(),
  licence: z.string(),
});
const index = z.object({
  clips: z.array(clip),
  conversation: z.object({
    /** Milliseconds until it begins anew. */
    length: z.number(),
    people: z.array(z.object({ identity: z.string(), name: z.string() })),
    /** In order; `start` in milliseconds. Two that overlap are two people who talk at once. */
    turns: z.array(z.object({ identity: z.string(), file: z.string(), start: z.number() })),
  }),
});

export type Clip = z.infer<typeof clip>;
export type SpeechIndex = z.infer<typeof index>;

/** The recordings stay with the source: this holds for `src/devkit/speech` and for `dist/devkit/speech` alike. */
const FOLDER = new URL('../../../src/devkit/speech/', import.meta.url);

/** What recordings there are, and the conversation that is made of some of them. */
export async function speechIndex(): Promise<SpeechIndex> {
  return index.parse(JSON.parse(await readFile(new URL('speech.json', FOLDER), 'utf8')));
}

/** The audio of one recording, by its file name in `speech.json`. */
export function readClip(file: string): Promise<Recording> {
  return readWav(new URL(file, FOLDER));
}
