import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { JOURNAL_SUFFIX } from '../names.js';

const count = z.int().nonnegative();

/** How far a transcript has come on its way to those who want it. */
const progressSchema = z.object({
  v: z.literal(1).default(1),
  /** Bytes of the journal that the store has in pieces. */
  sentBytes: count.default(0),
  /** Lines, and bytes, of the journal of which the webhook's receiver knows. */
  toldLines: count.default(0),
  toldBytes: count.default(0),
  /** What was made from the journal when the call was over: paths. */
  exports: z.array(z.string()).optional(),
  /** The store has all of it. */
  stored: z.boolean().default(false),
});

export type Progress = Readonly<z.infer<typeof progressSchema>>;

export const MARKER_SUFFIX = '.pending';
/** A captioner touches its marker more often than this: an older one belongs to nobody. */
const ABANDONED_MS = 60_000;

/**
 * A small file beside a journal, there as long as something is to be done for it: while the call lasts, and until its
 * exports are made, the store has it and the webhook's receiver knows. Whoever works on it keeps it fresh; one that
 * is not belongs to a process that was killed, and the next takes it over.
 */
export class Marker {
  readonly #path: string;
  #progress: Progress;
  #saving: Promise<void> = Promise.resolve();
  #removed = false;

  private constructor(path: string, progress: Progress) {
    this.#path = path;
    this.#progress = progress;
  }

  static async create(journal: string): Promise<Marker> {
    const marker = new Marker(markerOf(journal), progressSchema.parse({}));
    await marker.save({});
    return marker;
  }

  /** Takes over one that somebody left; what is damaged begins anew. */
  static async adopt(journal: string): Promise<Marker> {
    const path = markerOf(journal);
    const text = await readFile(path, 'utf8').catch(() => '');
    const marker = new Marker(path, parse(text));
    await marker.touch();
    return marker;
  }

  /** Whether somebody works on the journal, or did a moment ago. */
  static async isFresh(journal: string, abandonedMs = ABANDONED_MS): Promise<boolean> {
    const file = await stat(markerOf(journal)).catch(() => undefined);
    return file !== undefined && Math.abs(Date.now() - file.mtimeMs) < abandonedMs;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /**
   * Whole or not at all, one after the other. Never rejects: on a disk that is full the progress is remembered, and
   * what was done since is done again by whoever comes after us.
   */
  save(progress: Partial<Progress>): Promise<void> {
    this.#progress = { ...this.#progress, ...progress };
    const text = JSON.stringify(this.#progress);
    this.#saving = this.#saving.then(() => this.#write(text)).catch(() => undefined);
    return this.#saving;
  }

  /** Makes it anew where it could not be made before. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.#path, now, now).catch(() => this.save({}));
  }

  async remove(): Promise<void> {
    this.#removed = true;
    await this.#saving;
    await rm(this.#path, { force: true });
  }

  async #write(text: string): Promise<void> {
    if (this.#removed) return;
    const unfinished = `${this.#path}.tmp`;
    await writeFile(unfinished, text);
    await rename(unfinished, this.#path);
  }
}

export function markerOf(journal: string): string {
  return journal.slice(0, -JOURNAL_SUFFIX.length) + MARKER_SUFFIX;
}

function parse(text: string): Progress {
  try {
    return progressSchema.catch(progressSchema.parse({})).parse(JSON.parse(text));
  } catch {
    return progressSchema.parse({});
  }
}
