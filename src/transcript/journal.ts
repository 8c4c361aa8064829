import { join } from 'node:path';
import type { Caption } from '../captions/caption.js';
import { TranscriptError } from './errors.js';
import { exportWebVtt } from './export.js';
import { LineFile } from './line-file.js';
import { segmentRecord, type JournalRecord } from './records.js';

export interface JournalOptions {
  /** The folder; made where it is missing. */
  readonly dir: string;
  readonly room: { readonly sid: string; readonly name: string };
  /** Unix milliseconds of the room clock's zero. */
  readonly epoch: number;
  /** Called once when writing begins to fail, and when lines or exports are lost. */
  readonly onError: (error: TranscriptError) => void;
  /** Of lines that wait for a disk that is full or away. Default 8 MiB: some 20,000 captions. */
  readonly maxWaitingBytes?: number;
}

export interface Person {
  readonly identity: string;
  readonly name: string;
}

/** What `close` left on the disk; undefined where it could not be written. */
export interface TranscriptFiles {
  readonly journal: string | undefined;
  readonly vtt: string | undefined;
}

/**
 * The transcript of one room while it lasts: a JSON line for everything that happens, written as it happens, and at
 * the end a WebVTT file beside it. The disk gets the lines at once; they are forced down to it at the end.
 */
export class Journal {
  readonly #file: LineFile;
  readonly #onError: (error: TranscriptError) => void;
  #closed: Promise<TranscriptFiles> | undefined;

  constructor({ dir, room, epoch, onError, maxWaitingBytes = 8 * 1024 * 1024 }: JournalOptions) {
    const name = `${safeName(room.sid)}_${utcStamp(epoch)}`;
    this.#onError = onError;
    this.#file = new LineFile({
      pathOf: (taken) => join(dir, `${name}${taken === 0 ? '' : `-${taken + 1}`}.jsonl`),
      onError,
      maxWaitingBytes,
    });
    this.#add({ v: 1, type: 'room', sid: room.sid, name: room.name, epoch });
  }

  /** Where the journal is; undefined until it was made. */
  get path(): string | undefined {
    return this.#file.path;
  }

  /** Notes a final caption. Interims, and finals without text, which take a caption away, are left out. */
  segment(caption: Caption): void {
    if (caption.final && caption.text !== '') this.#add(segmentRecord(caption));
  }

  /** @param at milliseconds on the room's clock */
  joined({ identity, name }: Person, at: number): void {
    this.#add({ v: 1, type: 'joined', at: Math.round(at), identity, name });
  }

  /** @param at milliseconds on the room's clock */
  left({ identity, name }: Person, at: number): void {
    this.#add({ v: 1, type: 'left', at: Math.round(at), identity, name });
  }

  /** @param at milliseconds on the room's clock */
  optedOut({ identity, name }: Person, at: number): void {
    this.#add({ v: 1, type: 'opted_out', at: Math.round(at), identity, name });
  }

  /** @param at milliseconds on the room's clock */
  optedIn({ identity, name }: Person, at: number): void {
    this.#add({ v: 1, type: 'opted_in', at: Math.round(at), identity, name });
  }

  /**
   * Writes what waits and the export. What fails is reported to `onError`; never rejects. Later calls wait for
   * the first, and what is noted after it is left out.
   * @param at milliseconds on the room's clock
   */
  close(at: number): Promise<TranscriptFiles> {
    this.#closed ??= this.#end(at);
    return this.#closed;
  }

  async #end(at: number): Promise<TranscriptFiles> {
    this.#add({ v: 1, type: 'closed', at: Math.round(at) });
    await this.#file.close();
    const journal = this.#file.path;
    if (journal === undefined) return { journal, vtt: undefined };
    try {
      return { journal, vtt: await exportWebVtt(journal) };
    } catch (error) {
      if (!(error instanceof TranscriptError)) throw error;
      this.#onError(error);
      return { journal, vtt: undefined };
    }
  }

  #add(record: JournalRecord): void {
    this.#file.append(JSON.stringify(record));
  }
}

/** Nothing that a file system, a shell or a URL could take for anything but a name. */
function safeName(sid: string): string {
  return sid.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64) || 'room';
}

/** Such as `20261123T082400123Z`. */
function utcStamp(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/[-:.]/g, '');
}
