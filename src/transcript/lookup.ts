import { basename } from 'node:path';
import { type Call, callsOf, type JournalHead } from './calls.js';
import { journalsIn } from './folder.js';
import { journalFile, type JournalSource } from './read.js';
import { ObjectStore } from './store/objects.js';
import { headOfStored, storedJournals } from './store/stored-journals.js';
import type { StoreLocation } from './store/location.js';

/** Where to look for journals. */
export interface Places {
  readonly directory?: string | undefined;
  readonly store?: StoreLocation | undefined;
}

/** A journal, wherever it is kept: `readTranscript` takes it. */
export interface FoundJournal extends JournalHead {
  readonly source: JournalSource;
}

/** How many journals are looked into at the same time. */
const AT_ONCE = 16;

/**
 * All calls that took place in a room.
 * @param room its name, or a sid of it
 * @returns the latest last; their parts' `source` can be read until `close` is called
 * @throws TranscriptError `store_failed`
 */
export async function findCalls(
  room: string,
  { directory, store }: Places,
): Promise<{ readonly calls: readonly Call<FoundJournal>[]; close(): Promise<void> }> {
  const here = directory === undefined ? [] : await journalsIn(directory);
  const objects = store && new ObjectStore(store);
  const close = async () => objects?.close();
  try {
    const names = new Set(here.map(({ journal }) => basename(journal)));
    const stored = objects ? await storedHeads(objects, names) : [];
    const found = here.map((head) => ({ ...head, source: journalFile(head.journal) }));
    const calls = callsOf<FoundJournal>([...found, ...stored]);
    return { calls: calls.filter((call) => call.room === room || call.sids.includes(room)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Of journals that are not here, too: what is here is at least as new. */
async function storedHeads(store: ObjectStore, here: Set<string>): Promise<FoundJournal[]> {
  const left = (await storedJournals(store)).filter(({ name }) => !here.has(name));
  const found: FoundJournal[] = [];
  const look = async () => {
    for (let source = left.pop(); source; source = left.pop()) {
      const head = await headOfStored(store, source);
      if (head) found.push({ ...head, source });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return found;
}
