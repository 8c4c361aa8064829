import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TranscriptError } from '../errors.js';
import { JOURNAL_SUFFIX } from '../names.js';
import type { Transcript } from '../transcript.js';
import type { Format } from './formats.js';
import { formatCues } from './format-cues.js';

/** The text of a transcript's file. JSON has all that is known of the call, the others what is read. */
export function formatTranscript(transcript: Transcript, format: Format): string {
  if (format === 'json') return `${JSON.stringify({ v: 1, ...transcript }, undefined, 2)}\n`;
  return formatCues(transcript.segments, format, { title: transcript.room.name });
}

/**
 * Writes a transcript in several forms, each file whole or not at all, named as the first journal of the call.
 * @returns their paths
 * @throws TranscriptError `export_failed`
 */
export async function exportAll(
  transcript: Transcript,
  dir: string,
  formats: readonly Format[],
): Promise<string[]> {
  const [first] = transcript.parts;
  const name = basename(first?.journal ?? 'transcript', JOURNAL_SUFFIX);
  const paths: string[] = [];
  for (const format of formats) {
    const path = join(dir, `${name}.${format}`);
    await writeWhole(path, formatTranscript(transcript, format));
    paths.push(path);
  }
  return paths;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = `${path}.tmp`;
  try {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new TranscriptError(
      'export_failed',
      `${path} could not be written: free space there, or make the folder writable. The journal is still there.`,
      { cause },
    );
  }
}
