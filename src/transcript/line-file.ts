import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../error-code.js';
import { TranscriptError } from './errors.js';

export interface LineFileOptions {
  /** The path to use when that many others are taken by other files. */
  readonly pathOf: (taken: number) => string;
  /** Called once when writing begins to fail, when the first line is lost, and for what is lost at the end. */
  readonly onError: (error: TranscriptError) => void;
  /** Of the lines that wait for the disk. */
  readonly maxWaitingBytes: number;
}

const MAX_NAMES = 100;
/** Between two times that the disk is made to keep what was written: what a machine that loses its power may lose. */
const SYNC_MS = 1000;
/** Until lines that wait are tried again when no other line comes. */
const RETRY_MS = 1000;
const NOTHING = new Uint8Array();

/**
 * A text file that is only ever added to, line by line, in order. The system has a line before `append` resolves, so
 * that it outlives this process; the disk itself has it within a second, so that it outlives the machine.
 *
 * When the disk is full or away, lines wait and are tried again every second, with the next one and at the end; what
 * was written half goes on where it stopped. When too many wait, new ones are lost.
 */
export class LineFile {
  readonly #options: LineFileOptions;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** What is left of the lines that are being written. */
  #rest: Uint8Array = NOTHING;
  #file: FileHandle | undefined;
  #path: string | undefined;
  #busy = false;
  #writing: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #sync: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #syncedAt = -SYNC_MS;
  #unsynced = false;
  #failing = false;
  #full = false;
  #closed: Promise<void> | undefined;

  constructor(options: LineFileOptions) {
    this.#options = options;
  }

  /** Undefined until there is a file. */
  get path(): string | undefined {
    return this.#path;
  }

  /** Of lines that the system does not have yet. */
  get waitingBytes(): number {
    return this.#waitingBytes + this.#rest.length;
  }

  /**
   * @param line without its line break
   * @returns when the system has it, or could not take it now. Never rejects.
   */
  append(line: string): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const size = Buffer.byteLength(line) + 1;
    if (this.#waitingBytes + this.#rest.length + size <= this.#options.maxWaitingBytes) {
      this.#waiting.push(`${line}\n`);
      this.#waitingBytes += size;
      this.#full = false;
    } else {
      this.#reportFull();
    }
    this.#kick();
    return this.#writing;
  }

  /** Tries once more to write what waits, and returns when the file is on the disk itself. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  #kick(): void {
    if (this.#busy) return;
    clearTimeout(this.#retry);
    this.#busy = true;
    this.#writing = this.#write();
  }

  async #write(): Promise<void> {
    try {
      const file = (this.#file ??= await this.#open());
      while (this.#hasMore()) {
        const { bytesWritten } = await file.write(this.#rest);
        this.#rest = this.#rest.subarray(bytesWritten);
        this.#syncSoon();
      }
      this.#failing = false;
    } catch (cause) {
      await this.#fail(cause);
    } finally {
      this.#busy = false;
    }
  }

  #hasMore(): boolean {
    if (this.#rest.length === 0) {
      this.#rest = Buffer.from(this.#waiting.join(''));
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    return this.#rest.length > 0;
  }

  async #open(): Promise<FileHandle> {
    if (this.#path !== undefined) return open(this.#path, 'a');
    for (let taken = 0; ; taken += 1) {
      const path = this.#options.pathOf(taken);
      await mkdir(dirname(path), { recursive: true });
      try {
        const file = await open(path, 'ax');
        this.#path = path;
        return file;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST' || taken >= MAX_NAMES) throw error;
      }
    }
  }

  async #fail(cause: unknown): Promise<void> {
    if (!this.#failing) {
      this.#failing = true;
      this.#options.onError(
        new TranscriptError(
          'write_failed',
          `The transcript cannot be written to ${dirname(this.#path ?? this.#options.pathOf(0))}: free space there, or make it writable for this user. Lines wait in memory and are tried again.`,
          { cause },
        ),
      );
    }
    // The next try opens the file anew: after some faults, as of a network disk, the old handle stays broken.
    await this.#closeFile();
    clearTimeout(this.#retry);
    if (!this.#closed) this.#retry = setTimeout(() => this.#kick(), RETRY_MS).unref();
  }

  #syncSoon(): void {
    this.#unsynced = true;
    if (this.#sync || this.#closed) return;
    const wait = Math.max(0, this.#syncedAt + SYNC_MS - performance.now());
    this.#sync = setTimeout(() => {
      this.#syncing = this.#syncNow();
    }, wait).unref();
  }

  async #syncNow(): Promise<void> {
    this.#syncedAt = performance.now();
    this.#unsynced = false;
    try {
      await this.#file?.datasync();
    } catch (cause) {
      await this.#fail(cause);
    }
    this.#sync = undefined;
    if (this.#isUnsynced()) this.#syncSoon();
  }

  /** It may have changed while the disk was at work. */
  #isUnsynced(): boolean {
    return this.#unsynced;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#retry);
    clearTimeout(this.#sync);
    await Promise.all([this.#writing, this.#syncing]);
    this.#kick();
    await this.#writing;
    try {
      await this.#file?.sync();
    } catch (cause) {
      await this.#fail(cause);
    }
    await this.#closeFile();
    const lost = this.#waiting.length + (this.#rest.length > 0 ? 1 : 0);
    if (lost === 0) return;
    this.#options.onError(
      new TranscriptError(
        'lines_lost',
        `The room is over and the end of its transcript (${this.#waitingBytes + this.#rest.length} bytes) could not be written: free space on the disk, or make the folder writable, before the next room.`,
      ),
    );
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }

  #reportFull(): void {
    if (this.#full) return;
    this.#full = true;
    this.#options.onError(
      new TranscriptError(
        'lines_lost',
        'The transcript could not be written for so long that new lines are lost: free space on the disk, or make the folder writable.',
      ),
    );
  }
}
