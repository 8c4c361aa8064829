import { FORMATS, type Format } from '../exports/formats.js';
import { formatTranscript } from '../exports/index.js';
import { JOURNAL_SUFFIX, nameOf } from '../names.js';
import { type JournalSource, readTranscript } from '../read.js';
import { isMarker } from '../store/marker.js';
import { journalOfObject } from '../store/uploads.js';
import type { Transcript } from '../transcript.js';
import type { KeptCall, KeptFile } from './kept-calls.js';
import { without } from './lines.js';
import type { Shelf } from './shelf.js';

/** What becomes of one file. */
export interface Change extends KeptFile {
  readonly becomes: 'gone' | 'shorter';
  apply(): Promise<void>;
}

/** Everything of a call goes, but for the markers, which say so to whoever works on it. */
export function removingCall({ files }: KeptCall): Change[] {
  const all = files.filter(({ name }) => !isMarker(name)).map(removing);
  return journalsLast(all);
}

/** A person goes from all files of a call. */
export function removingPerson(call: KeptCall, identity: string): Change[] {
  const changes: Change[] = [];
  let whole: Promise<Transcript> | undefined;
  for (const file of call.files) {
    const { name, shelf } = file;
    const format = formatOf(name);
    const base = name.slice(0, -1 - (format?.length ?? 0));
    if (isMarker(name)) continue;
    if (isStale(call, file)) {
      changes.push(removing(file));
    } else if (journalOfObject(name)) {
      changes.push(rewriting(file, () => textWithout(shelf, name, identity)));
    } else if (format === undefined) {
      // Nobody knows what it is; what is half written is of no use without its writer.
      if (name.endsWith('.tmp')) changes.push(removing(file));
    } else if (base === nameOf(name)) {
      const transcript = () => (whole ??= readWithout(sourcesOf(call), identity));
      changes.push(rewriting(file, async () => formatTranscript(await transcript(), format)));
    } else {
      changes.push(remade(call, file, base, identity, format));
    }
  }
  return journalsLast(changes);
}

/** Whoever was interrupted can begin again as long as a journal still tells what was to go. */
function journalsLast(changes: readonly Change[]): Change[] {
  const journals = changes.filter(({ name }) => journalOfObject(name));
  const others = changes.filter(({ name }) => !journalOfObject(name));
  return [
    ...others,
    ...journals.filter(isStored),
    ...journals.filter((journal) => !isStored(journal)),
  ];
}

/** Of a better transcript that has a journal of its own; without that it cannot be made again. */
function remade(
  call: KeptCall,
  file: KeptFile,
  base: string,
  identity: string,
  format: Format,
): Change {
  const { shelf } = file;
  const own = `${base}${JOURNAL_SUFFIX}`;
  if (!call.files.some((other) => other.shelf === shelf && other.name === own)) {
    return removing(file);
  }
  const source = { address: shelf.address(own), lines: () => shelf.lines(own) };
  return rewriting(file, async () =>
    formatTranscript(await readWithout([source], identity), format),
  );
}

/** Pieces of a journal that is there as a whole. */
function isStale({ files }: KeptCall, { shelf, name }: KeptFile): boolean {
  const object = journalOfObject(name);
  return (
    object?.piece === true &&
    files.some((other) => other.shelf === shelf && other.name === object.journal)
  );
}

function isStored({ shelf }: KeptFile): boolean {
  return shelf.dir === undefined;
}

/** Each journal once: what is in a folder is at least as new as what is in a store. */
function sourcesOf({ parts }: KeptCall): JournalSource[] {
  const sources = new Map<string, JournalSource>();
  for (const { shelf, name, journal, files } of parts) {
    if (sources.has(name) && isStored({ shelf, name })) continue;
    sources.set(name, {
      address: journal,
      async *lines() {
        for (const file of files) yield* shelf.lines(file);
      },
    });
  }
  return [...sources.values()];
}

function readWithout(sources: readonly JournalSource[], identity: string): Promise<Transcript> {
  return readTranscript(
    sources.map((source) => ({
      address: source.address,
      lines: () => without(identity, source.lines()),
    })),
  );
}

async function textWithout(shelf: Shelf, name: string, identity: string): Promise<string> {
  let text = '';
  for await (const line of without(identity, shelf.lines(name))) text += `${line}\n`;
  return text;
}

function removing({ shelf, name }: KeptFile): Change {
  return { shelf, name, becomes: 'gone', apply: () => shelf.remove(name) };
}

function rewriting({ shelf, name }: KeptFile, text: () => Promise<string>): Change {
  const apply = async () => shelf.write(name, await text());
  return { shelf, name, becomes: 'shorter', apply };
}

function formatOf(name: string): Format | undefined {
  return FORMATS.find((format) => name.endsWith(`.${format}`));
}
