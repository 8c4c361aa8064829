import { arrayBuffer } from 'node:stream/consumers';
import type { JournalHead } from '../calls.js';
import { headOf, isJournal } from '../folder.js';
import { nameOf, namePrefix } from '../names.js';
import { linesOf } from '../lines.js';
import type { JournalSource } from '../read.js';
import type { ObjectStore } from './objects.js';
import { journalOfObject } from './uploads.js';

/** A journal in the store: whole, or in pieces while its call runs, or where its captioner went without an end. */
export interface StoredJournal extends JournalSource {
  readonly name: string;
  /** What there is of it, in the order of what they hold. */
  readonly objects: readonly string[];
  /** The bytes of each of them. @throws TranscriptError `store_failed` */
  read(): Promise<ArrayBuffer[]>;
}

const PEEK_BYTES = 64 * 1024;

/** @param sid only of this room; default all */
export async function storedJournals(
  store: ObjectStore,
  sid?: string,
): Promise<readonly StoredJournal[]> {
  const journals = new Map<string, { whole: string[]; pieces: string[] }>();
  for (const { name } of await store.list(sid === undefined ? '' : namePrefix(sid))) {
    const object = journalOfObject(name);
    if (!object || !isJournal(object.journal)) continue;
    const parts = journals.get(object.journal) ?? { whole: [], pieces: [] };
    (object.piece ? parts.pieces : parts.whole).push(name);
    journals.set(object.journal, parts);
  }
  return Array.from(journals, ([name, { whole, pieces }]) => {
    const objects = whole.length > 0 ? whole : pieces.sort();
    const address = store.address(name);
    const lines = () => linesIn(store, objects);
    return { name, address, objects, lines, read: () => bytesOf(store, objects) };
  });
}

/** What its first and last lines tell; undefined where it went in the meantime. */
export async function headOfStored(
  store: ObjectStore,
  { address, objects }: Pick<StoredJournal, 'address' | 'objects'>,
): Promise<JournalHead | undefined> {
  const [first, last] = [objects[0], objects.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const beginning = await textOf(await store.get(first, `bytes=0-${PEEK_BYTES - 1}`));
  const end = await textOf(await store.get(last, `bytes=-${PEEK_BYTES}`));
  return headOf(address, beginning, end);
}

/** Removes all that the store has of these transcripts. @param names as `nameOf` gives them */
export async function removeStored(store: ObjectStore, names: ReadonlySet<string>): Promise<void> {
  const lists = await Promise.all(Array.from(names, (name) => store.list(name)));
  const objects = lists.flat().filter(({ name }) => names.has(nameOf(name) ?? ''));
  if (objects.length > 0) await store.delete(objects.map(({ name }) => name));
}

async function* linesIn(store: ObjectStore, objects: readonly string[]): AsyncGenerator<string> {
  for (const name of objects) yield* linesOf(await store.get(name));
}

async function bytesOf(store: ObjectStore, objects: readonly string[]): Promise<ArrayBuffer[]> {
  const bytes: ArrayBuffer[] = [];
  for (const name of objects) bytes.push(await arrayBuffer(await store.get(name)));
  return bytes;
}

/** What was asked for, also of a store that sends the whole object all the same. */
async function textOf(input: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= PEEK_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, PEEK_BYTES);
}
