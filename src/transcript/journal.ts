import { join } from 'node:path';
import type { RoomUsageSummary } from '../cost/usage.js';
import type { Caption } from '../captions/caption.js';
import type { TranscriptError } from './errors.js';
import { LineFile } from './line-file.js';
import { JOURNAL_SUFFIX, transcriptName } from './names.js';
import { segmentRecord, type JournalRecord } from './records.js';

export interface CallInfo {
  readonly room: { readonly sid: string; readonly name: string };
  /** Unix milliseconds of the room clock's zero. */
  readonly epoch: number;
}

export interface JournalOptions extends CallInfo {
  /** The folder; made where it is missing. */
  readonly dir: string;
  /** Called once when writing begins to fail, and when lines are lost. */
  readonly onError: (error: TranscriptError) => void;
  /** Called when lines have been written. */
  readonly onWritten?: () => void;
  /** Of lines that wait for a disk that is full or away. Default 8 MiB: some 20,000 captions. */
  readonly maxWaitingBytes?: number;
}

export interface Person {
  readonly identity: string;
  readonly name: string;
}

/** Audio of one track that was lost; times are milliseconds on the room's clock. */
export interface LostAudio {
  readonly track: string;
  readonly identity: string;
  readonly start: number;
  readonly end: number;
}

/**
 * What happens in one room, as a file of JSON lines that grows as it happens. What a method returns resolves when the
 * line will outlive this process, or cannot be written now: it then waits in memory. Nothing here rejects.
 */
export class Journal {
  readonly #file: LineFile;
  readonly #epoch: number;
  readonly #name: string;
  readonly #onWritten: (() => void) | undefined;
  #closed = false;

  constructor(options: JournalOptions) {
    const { dir, room, epoch, onError, onWritten, maxWaitingBytes = 8 * 1024 * 1024 } = options;
    this.#onWritten = onWritten;
    this.#epoch = epoch;
    this.#name = room.name;
    this.#file = new LineFile({
      pathOf: (taken) => join(dir, transcriptName(room.sid, epoch, taken) + JOURNAL_SUFFIX),
      onError,
      maxWaitingBytes,
    });
    void this.sid(room.sid);
  }

  /** Where the journal is; undefined until it was made. */
  get path(): string | undefined {
    return this.#file.path;
  }

  /** What is not on the disk yet: more than a moment's worth while the disk is full or away. */
  get waitingBytes(): number {
    return this.#file.waitingBytes;
  }

  /** The room has this sid: from the start, and when the LiveKit server has made it anew. */
  sid(sid: string): Promise<void> {
    return this.#add({ v: 1, type: 'room', sid, name: this.#name, epoch: this.#epoch });
  }

  /** Notes a final caption. Interims, and finals without text, which take a caption away, are left out. */
  segment(caption: Caption): Promise<void> {
    if (!caption.final || caption.text === '') return Promise.resolve();
    return this.#add(segmentRecord(caption));
  }

  /** @param at milliseconds on the room's clock, as in all of these */
  joined({ identity, name }: Person, at: number): Promise<void> {
    return this.#add({ v: 1, type: 'joined', at: Math.round(at), identity, name });
  }

  left({ identity, name }: Person, at: number): Promise<void> {
    return this.#add({ v: 1, type: 'left', at: Math.round(at), identity, name });
  }

  optedOut({ identity, name }: Person, at: number): Promise<void> {
    return this.#add({ v: 1, type: 'opted_out', at: Math.round(at), identity, name });
  }

  optedIn({ identity, name }: Person, at: number): Promise<void> {
    return this.#add({ v: 1, type: 'opted_in', at: Math.round(at), identity, name });
  }

  languageChanged({ identity, name }: Person, language: string, at: number): Promise<void> {
    return this.#add({ v: 1, type: 'language', at: Math.round(at), identity, name, language });
  }

  gap({ track, identity, start, end }: LostAudio): Promise<void> {
    const times = { start: Math.round(start), end: Math.round(end) };
    return this.#add({ v: 1, type: 'gap', track, identity, ...times });
  }

  state(state: string, reason: string, at: number): Promise<void> {
    return this.#add({ v: 1, type: 'state', at: Math.round(at), state, reason });
  }

  /**
   * Writes what waits, down to the disk. What is noted after it is left out. May be called more than once.
   * @param usage what the captions of the room cost
   */
  close(at: number, usage?: RoomUsageSummary): Promise<void> {
    if (!this.#closed) void this.#add(closedRecord(at, usage));
    this.#closed = true;
    return this.#file.close();
  }

  async #add(record: JournalRecord): Promise<void> {
    await this.#file.append(JSON.stringify(record));
    this.#onWritten?.();
  }
}

function closedRecord(at: number, usage: RoomUsageSummary | undefined): JournalRecord {
  const record = { v: 1, type: 'closed', at: Math.round(at) } as const;
  if (!usage) return record;
  return { ...record, usage: { ...usage, tracks: [...usage.tracks] } };
}
