import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TranscriptError } from '../errors.js';
import { writeWhole } from '../exports/write-whole.js';
import type { JournalRecord } from '../records.js';

/**
 * Writes a journal at once: it is on the disk whole, or not at all.
 * @throws TranscriptError `export_failed`
 */
export async function writeJournal(path: string, records: readonly JournalRecord[]): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, linesOf(records));
  } catch (cause) {
    throw new TranscriptError(
      'export_failed',
      `${path} could not be written: free space there, or make the folder writable. The first journal is as it was.`,
      { cause },
    );
  }
}

function* linesOf(records: readonly JournalRecord[]): Generator<string> {
  for (const record of records) yield `${JSON.stringify(record)}\n`;
}
