import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { JOURNAL_SUFFIX } from '../names.js';
import type { ObjectStore } from './objects.js';
import type { Counters } from './status.js';

/** Of a journal that was written while the store was away: the rest goes up with the next piece. */
const MOST_BYTES = 8 * 1024 * 1024;
const LINE_BREAK = 10;
const OFFSET_DIGITS = 12;

const TYPES: Readonly<Record<string, string>> = {
  '.jsonl': 'application/x-ndjson',
  '.json': 'application/json',
  '.vtt': 'text/vtt; charset=utf-8',
  '.srt': 'application/x-subrip; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Brings journals to the store: in pieces while they grow, each an object of its own, because objects cannot be
 * added to; then as a whole, when the pieces go.
 */
export class Uploads {
  readonly objects: ObjectStore;
  readonly #counters: Counters;

  constructor(objects: ObjectStore, counters: Counters) {
    this.objects = objects;
    this.#counters = counters;
  }

  /**
   * Sends the whole lines that a journal has from a byte on.
   * @returns the byte to go on from
   * @throws TranscriptError `store_failed`
   */
  async sendPiece(journal: string, from: number): Promise<number> {
    const bytes = await wholeLines(journal, from);
    if (bytes.length === 0) return from;
    await this.#count(
      this.objects.put(pieceName(journal, from), bytes, 'application/x-ndjson'),
      bytes.length,
    );
    return from + bytes.length;
  }

  /** @throws TranscriptError `store_failed` */
  async sendWhole(journal: string, exports: readonly string[]): Promise<void> {
    for (const path of [journal, ...exports]) {
      const { size } = await stat(path);
      const upload = this.objects.putFile(basename(path), path, size, contentType(path));
      await this.#count(upload, size);
    }
    const pieces = await this.objects.list(`${basename(journal)}.`);
    if (pieces.length > 0) await this.objects.delete(pieces.map(({ name }) => name));
  }

  async #count(upload: Promise<void>, bytes: number): Promise<void> {
    await upload;
    this.#counters.uploads += 1;
    this.#counters.uploadedBytes += bytes;
  }
}

export function contentType(name: string): string {
  const ending = extname(journalOfObject(name)?.journal ?? name);
  return TYPES[ending] ?? 'application/octet-stream';
}

/** Pieces sort by what they hold. */
function pieceName(journal: string, from: number): string {
  return `${basename(journal)}.${String(from).padStart(OFFSET_DIGITS, '0')}`;
}

/** @returns the journal that an object is, or is a piece of; undefined for any other */
export function journalOfObject(name: string): { journal: string; piece: boolean } | undefined {
  const match = /^[^/]+?(?<piece>\.\d{12})?$/.exec(name);
  const journal = name.slice(0, name.length - (match?.groups?.['piece']?.length ?? 0));
  if (!match || !journal.endsWith(JOURNAL_SUFFIX)) return undefined;
  return { journal, piece: journal !== name };
}

async function wholeLines(path: string, from: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(MOST_BYTES, Math.max(0, size - from));
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position: from });
    return buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf(LINE_BREAK) + 1);
  } finally {
    await file.close();
  }
}
