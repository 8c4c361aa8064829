import { readFile } from 'node:fs/promises';
import { readWav } from '../../src/devkit/speech/wav.js';

const FOLDER = new URL('../../src/devkit/speech/', import.meta.url);

export interface Recording {
  readonly samples: Int16Array;
  readonly sampleRate: number;
  /** What is said in it. */
  readonly text: string;
}

interface Catalogue {
  readonly clips: readonly { readonly file: string; readonly text: string }[];
}

/** A recording of the demo's, by its name without `.wav`. */
export async function recording(name: string): Promise<Recording> {
  const catalogue = JSON.parse(await readFile(new URL('speech.json', FOLDER), 'utf8')) as Catalogue;
  const clip = catalogue.clips.find(({ file }) => file === `${name}.wav`);
  if (!clip) throw new Error(`there is no recording ${name}`);
  return { ...(await readWav(new URL(clip.file, FOLDER))), text: clip.text };
}

export function recordings(...names: readonly string[]): Promise<Recording[]> {
  return Promise.all(names.map(recording));
}

/** What is said in all of them. */
export function textOf(...parts: readonly Recording[]): string {
  return parts.map(({ text }) => text).join(' ');
}
