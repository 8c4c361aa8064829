import { open } from 'node:fs/promises';
import { TranscriptError } from './errors.js';
import { linesOf } from './lines.js';
import { type JournalPart, mergeParts } from './merge.js';
import { parseName } from './names.js';
import { type JournalRecord, parseRecord, type RoomRecord } from './records.js';
import type { Transcript } from './transcript.js';

const READ_BYTES = 64 * 1024;

/** A journal, wherever it is kept. */
export interface JournalSource {
  /** A path, or an address such as `s3://bucket/prefix/name.jsonl`. */
  readonly address: string;
  lines(): AsyncIterable<string>;
}

/**
 * Reads the journals of one call, each finished, still being written or cut off, as one transcript: a line that cannot
 * be read is left out and counted.
 * @param journals paths, or sources; at least one
 * @throws TranscriptError `unreadable`
 */
export async function readTranscript(
  journals: readonly (string | JournalSource)[],
): Promise<Transcript> {
  return mergeParts(await readParts(journals));
}

/**
 * Reads journals as `readTranscript` does, and leaves them as they are.
 * @throws TranscriptError `unreadable`
 */
export async function readParts(
  journals: readonly (string | JournalSource)[],
): Promise<JournalPart[]> {
  const parts: JournalPart[] = [];
  for (const journal of journals) {
    parts.push(await readPart(typeof journal === 'string' ? journalFile(journal) : journal));
  }
  return parts;
}

export function journalFile(path: string): JournalSource {
  return {
    address: path,
    async *lines() {
      yield* linesOf(bytesOf(path));
    },
  };
}

/** What is given holds until the next: all of it is in the same memory. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read({ buffer });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function readPart(source: JournalSource): Promise<JournalPart> {
  const records: JournalRecord[] = [];
  let damagedLines = 0;
  try {
    for await (const line of source.lines()) {
      if (isBlank(line)) continue;
      const record = parseRecord(line);
      if (record) records.push(record);
      else damagedLines += 1;
    }
  } catch (cause) {
    throw unreadable(source, 'check the path and its permissions', cause);
  }
  if (records.length === 0 && damagedLines > 0) {
    throw unreadable(source, 'not one of its lines is a line of a journal');
  }
  const named = parseName(source.address);
  const room = records.find((record): record is RoomRecord => record.type === 'room');
  return {
    journal: source.address,
    sid: room?.sid ?? named?.sid ?? '',
    epoch: room?.epoch ?? named?.epoch ?? 0,
    records,
    damagedLines,
  };
}

/** Without the costs of `trim` for lines that are long. */
function isBlank(line: string): boolean {
  return line.length === 0 || (line.charCodeAt(0) === 32 && line.trim() === '');
}

function unreadable({ address }: JournalSource, why: string, cause?: unknown): TranscriptError {
  const message = `There is no journal that can be read at ${address}: ${why}.`;
  return new TranscriptError('unreadable', message, { cause });
}
