import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TranscriptError } from '../errors.js';
import type { JournalRecord } from '../records.js';

/**
 * Writes a journal at once: it is on the disk whole, or not at all.
 * @throws TranscriptError `export_failed`
 */
export async function writeJournal(path: string, records: readonly JournalRecord[]): Promise<void> {
  const unfinished = `${path}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(unfinished, 'w');
    try {
      await writeFile(file, linesOf(records));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
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
