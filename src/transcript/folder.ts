import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalHead } from './calls.js';
import { JOURNAL_SUFFIX, nameOf, namePrefix, parseName } from './names.js';
import { type JournalRecord, parseRecord, timeOf } from './records.js';

/** Enough for the first lines, and for the last ones however many words they have. */
const PEEK_BYTES = 64 * 1024;

/** The journals in a folder, of which the beginnings can be read; none where there is no folder. */
export async function journalsIn(dir: string): Promise<JournalHead[]> {
  const files = await readdir(dir).catch(() => []);
  const heads: JournalHead[] = [];
  for (const file of files.filter(isJournal)) {
    const head = await peek(join(dir, file));
    if (head) heads.push(head);
  }
  return heads;
}

/** The names of the journals of one room's sid in a folder; none where there is no folder. */
export async function journalsOf(dir: string, sid: string): Promise<string[]> {
  const files = await readdir(dir).catch(() => []);
  return files.filter((file) => file.startsWith(namePrefix(sid)) && isJournal(file));
}

/** Whether it is named as journals are; beside them may be what was made from them. */
export function isJournal(file: string): boolean {
  const name = nameOf(file);
  return name !== undefined && file.endsWith(name + JOURNAL_SUFFIX);
}

/**
 * What the first and the last lines of a journal tell; undefined where not even its name does.
 * @param journal path or address
 */
export function headOf(journal: string, first: string, last: string): JournalHead | undefined {
  const records = [...recordsIn(first), ...recordsIn(last)];
  const rooms = records.flatMap((record) => (record.type === 'room' ? [record] : []));
  const known = rooms[0] ?? parseName(journal);
  if (!known) return undefined;
  const sids = rooms.length > 0 ? rooms.map(({ sid }) => sid) : [known.sid];
  return {
    journal,
    room: rooms[0]?.name ?? '',
    sids: [...new Set(sids)].filter(Boolean),
    from: known.epoch,
    to: known.epoch + records.reduce((most, record) => Math.max(most, timeOf(record)), 0),
  };
}

async function peek(path: string): Promise<JournalHead | undefined> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const read = async (position: number) => {
        const { buffer, bytesRead } = await file.read({
          buffer: Buffer.alloc(Math.min(PEEK_BYTES, size)),
          position,
        });
        return buffer.toString('utf8', 0, bytesRead);
      };
      const first = await read(0);
      const last = size > PEEK_BYTES ? await read(size - PEEK_BYTES) : '';
      return headOf(path, first, last);
    } finally {
      await file.close();
    }
  } catch {
    // It went in the meantime, or is not for us to read: whoever asks for it by its path hears why.
    return undefined;
  }
}

function recordsIn(text: string): JournalRecord[] {
  return text.split('\n').flatMap((line) => parseRecord(line) ?? []);
}
