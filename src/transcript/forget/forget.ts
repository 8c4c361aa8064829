import { TranscriptError } from '../errors.js';
import type { Places } from '../lookup.js';
import { Marker } from '../store/marker.js';
import type { Progress } from '../store/progress.js';
import { newLines } from '../store/new-lines.js';
import { JOURNAL_SUFFIX, REFINED_SUFFIX } from '../names.js';
import { ObjectStore } from '../store/objects.js';
import { type Change, removingCall, removingPerson } from './changes.js';
import { isRunning, type KeptCall, keptCalls } from './kept-calls.js';
import { stays } from './lines.js';
import { folderShelf, storeShelf } from './shelf.js';

/** Calls in rooms of some name or sid, and calls with a person of some identity. */
export interface Matches {
  readonly rooms: readonly KeptCall[];
  readonly people: readonly KeptCall[];
}

/** What was on its way to a store is to be made and sent anew. */
const AGAIN: Partial<Progress> = { sentBytes: 0, exports: undefined, stored: false };

/** Finds and takes away what is to be forgotten, in a folder and in a store. To be closed. */
export class Forgetting {
  readonly #places: Places;
  readonly #objects: ObjectStore | undefined;

  constructor(places: Places) {
    this.#places = places;
    this.#objects = places.store && new ObjectStore(places.store);
  }

  /** @throws TranscriptError, also where only one journal cannot be read: whom it tells of is not known then */
  async find(target: string): Promise<Matches> {
    const { directory } = this.#places;
    const shelves = [
      ...(directory === undefined ? [] : [folderShelf(directory)]),
      ...(this.#objects ? [storeShelf(this.#objects)] : []),
    ];
    const calls = await keptCalls(shelves, target, Date.now());
    return {
      rooms: calls.filter(({ room, sids }) => room === target || sids.includes(target)),
      people: calls.filter(({ parts }) => parts.some(({ mentions }) => mentions > 0)),
    };
  }

  /**
   * What would change.
   * @param identity of whom to forget; undefined: the whole call
   * @throws TranscriptError `still_running`
   */
  plan(call: KeptCall, identity?: string): Change[] {
    if (isRunning(call)) throw stillRunning(call);
    return identity === undefined ? removingCall(call) : removingPerson(call, identity);
  }

  /**
   * Changes it, by what `plan` gave. Who is interrupted plans and does it again. What is still to go to the store or to
   * the webhook's receiver goes there as it is then, whoever brings it.
   * @throws TranscriptError
   */
  async apply(call: KeptCall, changes: readonly Change[], identity?: string): Promise<void> {
    const names = [...new Set(call.parts.map(({ name }) => name))];
    const progress = identity === undefined ? { forgotten: names } : AGAIN;
    const here = call.parts.filter(({ shelf }) => shelf.dir !== undefined);
    const tellAll = async () => {
      const journals = here.flatMap(({ journal }) => [journal, refinedOf(journal)]);
      for (const journal of journals) await tell(journal, () => Promise.resolve(progress));
    };
    // Before, so that nobody ends with what there was; after, so that whoever has sent that meanwhile sends this.
    await tellAll();
    for (const change of changes) {
      const inFolder = change.shelf.dir !== undefined;
      const journal = inFolder && here.find(({ files }) => files.includes(change.name))?.journal;
      if (identity === undefined || !journal) await change.apply();
      else await shorten(journal, identity, change);
    }
    await tellAll();
  }

  async close(): Promise<void> {
    await this.#objects?.close();
  }
}

/** What the webhook's receiver knows is counted in bytes of the journal. */
async function shorten(journal: string, identity: string, change: Change): Promise<void> {
  const kept = await keptBytes(journal, identity);
  const told = await tell(journal, async ({ toldBytes }) => {
    await change.apply();
    return { ...AGAIN, toldBytes: kept(toldBytes) };
  });
  if (!told) await change.apply();
}

/** @returns how many of a journal's first bytes, which end with a line, are left without the person */
async function keptBytes(
  journal: string,
  identity: string,
): Promise<(toldBytes: number) => number> {
  const ends: { before: number; after: number }[] = [];
  let after = 0;
  for await (const { line, end } of newLines(journal, 0)) {
    if (stays(identity, line)) after += Buffer.byteLength(line) + 1;
    ends.push({ before: end, after });
  }
  return (toldBytes) => ends.findLast(({ before }) => before <= toldBytes)?.after ?? 0;
}

/** What a second pass has made of it, if there was one. */
function refinedOf(journal: string): string {
  return journal.slice(0, -JOURNAL_SUFFIX.length) + REFINED_SUFFIX;
}

async function tell(
  journal: string,
  change: (progress: Progress) => Promise<Partial<Progress>>,
): Promise<boolean> {
  try {
    return await Marker.change(journal, change);
  } catch (cause) {
    if (cause instanceof TranscriptError) throw cause;
    throw new TranscriptError(
      'write_failed',
      `What is to be done for ${journal} cannot be changed: free space there, or make the folder writable for this user, and do it again.`,
      { cause },
    );
  }
}

function stillRunning({ room }: KeptCall): TranscriptError {
  return new TranscriptError(
    'still_running',
    `A call in ${room} goes on, or ended a moment ago: end it, wait a minute, and do it again. Nothing was changed.`,
  );
}
