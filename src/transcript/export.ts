import { open, rename, rm, writeFile } from 'node:fs/promises';
import { TranscriptError } from './errors.js';
import { parseRecord, type RoomRecord, type SegmentRecord } from './records.js';
import { toWebVtt } from './webvtt.js';

/** What a journal holds. */
export interface Transcript {
  /** Undefined when the journal's beginning is damaged. */
  readonly room: RoomRecord | undefined;
  /** In the order in which they were settled, each once. */
  readonly segments: readonly SegmentRecord[];
  /** Whether the journal was ended, rather than cut off. */
  readonly complete: boolean;
  /** How many lines could not be read: cut off, damaged, or of a later version. */
  readonly damagedLines: number;
}

/**
 * Reads a journal that is finished, still being written, or was cut off: a line that cannot be read is left out.
 * @throws TranscriptError `unreadable`
 */
export async function readJournal(path: string): Promise<Transcript> {
  const segments = new Map<string, SegmentRecord>();
  let room: RoomRecord | undefined;
  let complete = false;
  let damagedLines = 0;
  try {
    const file = await open(path);
    // Closes the file at its end, and when the loop is left.
    for await (const line of file.readLines()) {
      if (line.trim() === '') continue;
      const record = parseRecord(line);
      switch (record?.type) {
        case undefined:
          damagedLines += 1;
          break;
        case 'room':
          room ??= record;
          break;
        case 'segment':
          segments.set(record.id, record);
          break;
        case 'closed':
          complete = true;
          break;
        case 'joined':
        case 'left':
        case 'opted_out':
        case 'opted_in':
          break;
      }
    }
  } catch (cause) {
    throw new TranscriptError(
      'unreadable',
      `There is no journal that can be read at ${path}: check the path and its permissions.`,
      { cause },
    );
  }
  return { room, segments: [...segments.values()], complete, damagedLines };
}

/**
 * Writes a WebVTT file beside a journal, whole or not at all.
 * @returns its path
 * @throws TranscriptError `unreadable`, `export_failed`
 */
export async function exportWebVtt(journal: string): Promise<string> {
  const path = `${journal.replace(/\.jsonl$/, '')}.vtt`;
  const { segments } = await readJournal(journal);
  const unfinished = `${path}.tmp`;
  try {
    await writeFile(unfinished, toWebVtt(segments));
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new TranscriptError(
      'export_failed',
      `${path} could not be written: free space there, or make the folder writable. The journal beside it is still there.`,
      { cause },
    );
  }
  return path;
}
