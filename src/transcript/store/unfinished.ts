import { access, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { callBeside } from '../call-beside.js';
import { TranscriptError } from '../errors.js';
import type { Format } from '../exports/formats.js';
import { headOf } from '../folder.js';
import { nameOf, REFINED_SUFFIX } from '../names.js';
import { type ClosedRecord, parseRecord } from '../records.js';
import { finished, segment, started, type ToldTranscript } from '../webhook/events.js';
import type { Webhook } from '../webhook/webhook.js';
import type { Exporter } from './exporter.js';
import type { FetchedJournal } from './export-order.js';
import { isMarker, type Marker } from './marker.js';
import { newLines } from './new-lines.js';
import type { Counters } from './status.js';
import { removeStored, storedJournals } from './stored-journals.js';
import type { Uploads } from './uploads.js';

/** Where transcripts go. */
export interface Destinations {
  readonly formats: readonly Format[];
  readonly exporter: Exporter;
  readonly uploads: Uploads | undefined;
  readonly webhook: Webhook | undefined;
  readonly counters: Counters;
}

/** A journal for which something is to be done, by us or by whoever comes after us: its marker says how far it is. */
export class UnfinishedTranscript {
  readonly journal: string;
  readonly #marker: Marker;
  readonly #to: Destinations;
  #told: ToldTranscript | undefined;

  constructor(journal: string, marker: Marker, destinations: Destinations) {
    this.journal = journal;
    this.#marker = marker;
    this.#to = destinations;
  }

  /** Who is told of it: of a second pass nobody is, as that is no other call. */
  get #webhook(): Webhook | undefined {
    return this.journal.endsWith(REFINED_SUFFIX) ? undefined : this.#to.webhook;
  }

  /** Unix milliseconds: since when its call is known to be over. */
  get ended(): number | undefined {
    return this.#marker.progress.ended;
  }

  /** Its call is over, if nobody has noticed before. */
  async end(now: number): Promise<void> {
    if (this.ended === undefined) await this.#marker.save({ ended: now });
  }

  /** Says that somebody works on it. */
  touch(): Promise<void> {
    return this.#marker.touch();
  }

  /** Sends the lines that the store does not have yet. @throws TranscriptError `store_failed` */
  async sendNew(): Promise<void> {
    const { uploads } = this.#to;
    if (!uploads) return;
    for (;;) {
      const from = this.#marker.progress.sentBytes;
      const sentBytes = await this.#upload(uploads.sendPiece(this.journal, from));
      if (sentBytes === from) return;
      await this.#marker.save({ sentBytes });
    }
  }

  /** Tells the webhook's receiver what it does not know yet. @throws TranscriptError `webhook_failed` */
  async tellNew(): Promise<void> {
    const webhook = this.#webhook;
    if (!webhook) return;
    const { toldLines, toldBytes } = this.#marker.progress;
    let line = toldLines;
    for await (const { line: text, end } of newLines(this.journal, toldBytes)) {
      line += 1;
      await this.#tell(webhook, text, line);
      if (!(await this.#marker.save({ toldLines: line, toldBytes: end }))) return;
    }
  }

  /**
   * Once its call is over: makes the exports, from all that is here of the call; none where nothing can be read.
   * @returns their paths
   * @throws TranscriptError `export_failed`
   */
  async export(): Promise<readonly string[]> {
    const made = this.#exports;
    if (made) return made;
    const exports = await this.#exportFrom([]);
    await this.#marker.save({ exports: [...exports] });
    return exports;
  }

  /**
   * Once its call is over: does all that is still to be done, and takes the marker away; again from the beginning where
   * somebody has changed the journal meanwhile. What fails is tried again by calling it again.
   * @throws TranscriptError
   */
  async finish(): Promise<void> {
    do {
      await this.#marker.refresh();
      const { forgotten } = this.#marker.progress;
      if (forgotten) await this.#removeAll(new Set(forgotten));
      else if (await exists(this.journal)) await this.#finish();
    } while (!(await this.#marker.remove()));
  }

  /** Lets others take it over at once. */
  release(): Promise<void> {
    return this.#marker.release();
  }

  /** They are beside the journal, also when the folder has another place by now. */
  get #exports(): readonly string[] | undefined {
    const dir = dirname(this.journal);
    return this.#marker.progress.exports?.map((path) => join(dir, basename(path)));
  }

  async #finish(): Promise<void> {
    const results = await Promise.allSettled([this.#store(), this.tellNew()]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await this.#tellEnd();
  }

  /** Of transcripts that were forgotten while something of them was on its way. */
  async #removeAll(names: ReadonlySet<string>): Promise<void> {
    const dir = dirname(this.journal);
    for (const file of await readdir(dir)) {
      if (names.has(nameOf(file) ?? '') && !isMarker(file))
        await rm(join(dir, file), { force: true });
    }
    const objects = this.#to.uploads?.objects;
    if (objects) await this.#upload(removeStored(objects, names));
  }

  async #store(): Promise<void> {
    const exports = await this.export();
    const { uploads } = this.#to;
    if (!uploads || this.#marker.progress.stored) return;
    const all = await this.#upload(this.#storeWhole(uploads, exports));
    await this.#marker.save({ stored: true, exports: [...all] });
  }

  async #storeWhole(uploads: Uploads, exports: readonly string[]): Promise<readonly string[]> {
    const others = await this.#othersInStore(uploads);
    const all = others.length > 0 ? await this.#exportFrom(others) : exports;
    await uploads.sendWhole(this.journal, all);
    return all;
  }

  async #upload<T>(upload: Promise<T>): Promise<T> {
    try {
      return await upload;
    } catch (error) {
      if (error instanceof TranscriptError && error.code === 'store_failed') {
        this.#to.counters.uploadFailures += 1;
      }
      throw error;
    }
  }

  #exportFrom(others: readonly FetchedJournal[]): Promise<readonly string[]> {
    const { formats, exporter } = this.#to;
    return exporter.export({ journal: this.journal, others, formats });
  }

  /** What captioners on other machines wrote of the same room. */
  async #othersInStore({ objects }: Uploads): Promise<FetchedJournal[]> {
    const { paths, sids } = await callBeside(this.journal);
    const here = new Set(paths.map((path) => basename(path)));
    const stored = await Promise.all(sids.map((sid) => storedJournals(objects, sid)));
    const others: FetchedJournal[] = [];
    for (const journal of stored.flat().filter(({ name }) => !here.has(name))) {
      others.push({ address: journal.address, objects: await journal.read() });
    }
    return others;
  }

  async #tell(webhook: Webhook, text: string, line: number): Promise<void> {
    const record = parseRecord(text);
    if (record?.type === 'room' && line === 1) {
      await this.#send(webhook, started(await this.#describe(), line));
    }
    if (record?.type === 'segment' && webhook.config.segments) {
      await this.#send(webhook, segment(await this.#describe(), line, record));
    }
  }

  async #tellEnd(): Promise<void> {
    const webhook = this.#webhook;
    const { uploads } = this.#to;
    if (!webhook) return;
    const files = [this.journal, ...(this.#exports ?? [])];
    const end = await this.#lastRecord();
    const addresses = uploads ? files.map((path) => uploads.objects.address(basename(path))) : [];
    const whereabouts = { complete: end !== undefined, usage: end?.usage, files, addresses };
    await this.#send(webhook, finished(await this.#describe(), whereabouts, Date.now()));
  }

  async #send(webhook: Webhook, event: Parameters<Webhook['send']>[0]): Promise<void> {
    try {
      await webhook.send(event);
      this.#to.counters.events += 1;
    } catch (error) {
      this.#to.counters.eventFailures += 1;
      throw error;
    }
  }

  /** What ends it; undefined where it was cut off. */
  async #lastRecord(): Promise<ClosedRecord | undefined> {
    let last: ClosedRecord | undefined;
    for await (const { line } of newLines(this.journal, 0)) {
      if (!line.includes('"closed"')) continue;
      const record = parseRecord(line);
      if (record?.type === 'closed') last = record;
    }
    return last;
  }

  /** By its first line; by its name where that is damaged. */
  async #describe(): Promise<ToldTranscript> {
    if (this.#told) return this.#told;
    let first = '';
    for await (const { line } of newLines(this.journal, 0)) {
      first = line;
      break;
    }
    const head = headOf(this.journal, first, '');
    this.#told = {
      id: nameOf(this.journal) ?? basename(this.journal),
      room: { sid: head?.sids[0] ?? '', name: head?.room ?? '' },
      epoch: head?.from ?? 0,
    };
    return this.#told;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
