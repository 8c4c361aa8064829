import { basename } from 'node:path';
import { type Call, callsOf, type JournalHead } from '../calls.js';
import { JOURNAL_SUFFIX, nameOf, parseName } from '../names.js';
import { parseRecord, timeOf } from '../records.js';
import { Marker } from '../store/marker.js';
import { journalOfObject } from '../store/uploads.js';
import { tellsOf } from './lines.js';
import type { Shelf } from './shelf.js';

/** A file of a transcript, wherever it is. */
export interface KeptFile {
  readonly shelf: Shelf;
  readonly name: string;
}

/** A journal in one place: in pieces, in their order, where it is in a store and its call did not end there. */
export interface KeptJournal extends JournalHead {
  readonly shelf: Shelf;
  /** As `nameOf` gives it: what all files of the journal have in common. */
  readonly name: string;
  readonly files: readonly string[];
  /** How many of its lines tell of the person who is looked for. */
  readonly mentions: number;
  /** Whether somebody may still be writing it. */
  readonly running: boolean;
}

/** All that is kept of one call: its journals, and everything that is named like one of them. */
export interface KeptCall extends Call<KeptJournal> {
  readonly files: readonly KeptFile[];
}

/** How many journals are read at the same time. */
const AT_ONCE = 8;
/** A captioner writes nothing while nobody speaks, and here the store alone tells of it. */
const QUIET_MS = 600_000;
const FRESH_MS = 60_000;

/**
 * Reads every journal there is, for what it tells of a person.
 * @throws TranscriptError
 */
export async function keptCalls(
  shelves: readonly Shelf[],
  identity: string,
  now: number,
): Promise<KeptCall[]> {
  const files: KeptFile[] = [];
  const journals: KeptJournal[] = [];
  for (const shelf of shelves) {
    const there = (await shelf.list()).filter(({ name }) => nameOf(name) !== undefined);
    files.push(...there.map(({ name }) => ({ shelf, name })));
    const modified = new Map(there.map((file) => [file.name, file.modified]));
    const left = [...journalsAmong(there.map(({ name }) => name))];
    const look = async () => {
      for (let one = left.pop(); one; one = left.pop()) {
        const changed = Math.max(...one[1].map((name) => modified.get(name) ?? 0));
        const journal = await read(shelf, one[0], one[1], identity, now - changed);
        if (journal) journals.push(journal);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
  }
  return callsOf(journals).map((call) => {
    const names = new Set(call.parts.map(({ name }) => name));
    return { ...call, files: files.filter(({ name }) => names.has(nameOf(name) ?? '')) };
  });
}

/** A folder knows better than a store. */
export function isRunning({ parts }: KeptCall): boolean {
  return parts.some(
    ({ running, shelf, name }) =>
      running &&
      (shelf.dir !== undefined ||
        !parts.some((other) => other.name === name && other.shelf.dir !== undefined)),
  );
}

/** By the names of the journals: where each is whole, that file, else its pieces. */
function journalsAmong(files: readonly string[]): Map<string, string[]> {
  const journals = new Map<string, string[]>();
  for (const file of files.toSorted()) {
    const journal = journalOfObject(file)?.journal;
    // What was made of a journal may look like one, with more in its name.
    if (journal === undefined || journal !== `${nameOf(journal) ?? ''}${JOURNAL_SUFFIX}`) continue;
    const pieces = journals.get(journal);
    // The whole sorts before its pieces.
    if (!pieces) journals.set(journal, [file]);
    else if (pieces[0] !== journal) pieces.push(file);
  }
  return journals;
}

async function read(
  shelf: Shelf,
  journal: string,
  files: readonly string[],
  identity: string,
  ageMs: number,
): Promise<KeptJournal | undefined> {
  const named = parseName(journal);
  let room = '';
  let epoch: number | undefined;
  let to = 0;
  let mentions = 0;
  let closed = false;
  const sids = new Set<string>();
  for (const file of files) {
    for await (const line of shelf.lines(file)) {
      if (tellsOf(identity, line)) mentions += 1;
      const record = parseRecord(line);
      if (!record) continue;
      to = Math.max(to, timeOf(record));
      closed ||= record.type === 'closed';
      if (record.type !== 'room') continue;
      room ||= record.name;
      epoch ??= record.epoch;
      if (record.sid) sids.add(record.sid);
    }
  }
  const from = epoch ?? named?.epoch;
  const name = nameOf(journal);
  if (from === undefined || name === undefined) return undefined;
  if (sids.size === 0 && named) sids.add(named.sid);
  const address = shelf.address(basename(journal));
  const running = !closed && (await mayGrow(shelf, address, ageMs));
  const head = { journal: address, room, sids: [...sids], from, to: from + to };
  return { ...head, shelf, name, files, mentions, running };
}

async function mayGrow({ dir }: Shelf, address: string, ageMs: number): Promise<boolean> {
  if (dir === undefined) return Math.abs(ageMs) < QUIET_MS;
  return Math.abs(ageMs) < FRESH_MS || (await Marker.isFresh(address, FRESH_MS));
}
