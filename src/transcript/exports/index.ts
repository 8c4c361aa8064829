import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TranscriptError } from '../errors.js';
import { JOURNAL_SUFFIX } from '../names.js';
import type { Transcript } from '../transcript.js';
import { factsOf } from './facts.js';
import { formatCues } from './format-cues.js';
import type { Format } from './formats.js';
import { gapPassages } from './gaps.js';
import { jsonOf } from './json.js';
import { writeWhole } from './write-whole.js';

/**
 * The text of a transcript's file. JSON has all that is known of the call, the others what is read; there, audio that
 * nobody recognised is shown as such.
 */
export function formatTranscript(transcript: Transcript, format: Format): string {
  return [...transcriptText(transcript, format)].join('');
}

/** The same piece by piece: of a long call, the whole of it is large. */
export function transcriptText(transcript: Transcript, format: Format): Iterable<string> {
  if (format === 'json') return jsonOf(transcript);
  const passages = [...transcript.segments, ...gapPassages(transcript)];
  return formatCues(passages, format, {
    title: transcript.room.name,
    facts: factsOf(transcript),
  });
}

/**
 * Writes a transcript in several forms, each file whole or not at all, named as the first journal of the call.
 * @param tag in the names of files that are not complete, for whoever may have to remove them for us
 * @returns their paths
 * @throws TranscriptError `export_failed`
 */
export async function exportAll(
  transcript: Transcript,
  dir: string,
  formats: readonly Format[],
  tag?: string,
): Promise<string[]> {
  const [first] = transcript.parts;
  const name = basename(first?.journal ?? 'transcript', JOURNAL_SUFFIX);
  const paths: string[] = [];
  for (const format of formats) {
    const path = join(dir, `${name}.${format}`);
    try {
      await mkdir(dir, { recursive: true });
      await writeWhole(path, transcriptText(transcript, format), tag);
    } catch (cause) {
      throw new TranscriptError(
        'export_failed',
        `${path} could not be written: free space there, or make the folder writable. The journal is still there.`,
        { cause },
      );
    }
    paths.push(path);
  }
  return paths;
}
