import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { JOURNAL_SUFFIX, nameOf, REFINED_SUFFIX } from '../names.js';
import { exclusively } from './exclusively.js';
import { parseProgress, type Progress, progressSoFar } from './progress.js';

export const MARKER_SUFFIX = '.pending';
/**
 * A small file beside a journal, there as long as something is to be done for it: while the call lasts, and until its
 * exports are made, the store has it and the webhook's receiver knows. Whoever works on it keeps it fresh; one that
 * is not belongs to a process that was killed, and the next takes it over.
 */
export class Marker {
  readonly #path: string;
  #progress: Progress;
  #saving: Promise<unknown> = Promise.resolve();
  #removed = false;

  private constructor(path: string, progress: Progress) {
    this.#path = path;
    this.#progress = progress;
  }

  static async create(journal: string): Promise<Marker> {
    const marker = new Marker(markerOf(journal), progressSoFar({}));
    await marker.save({});
    return marker;
  }

  /** Takes over one that somebody left; what is damaged begins anew. */
  static async adopt(journal: string): Promise<Marker> {
    const path = markerOf(journal);
    const marker = new Marker(path, (await read(path)) ?? progressSoFar({}));
    await marker.touch();
    return marker;
  }

  /**
   * Tells whoever works on the journal, now or later, that it was changed and how far it is now. What `change` does to
   * the journal and what it tells of it are one to them.
   * @returns false, and does nothing, where there is nothing to be done for the journal
   * @throws what `change` throws, and errors of the file system
   */
  static async change(
    journal: string,
    change: (progress: Progress) => Promise<Partial<Progress>>,
  ): Promise<boolean> {
    const path = markerOf(journal);
    return exclusively(path, async () => {
      const progress = await read(path);
      const before = await stat(path).catch(() => undefined);
      if (!progress || !before) return false;
      const generation = progress.generation + 1;
      const changed = { ...progress, ...(await change(progress)), generation };
      await replace(path, JSON.stringify(changed));
      // Whether somebody works on it is as it was.
      await utimes(path, before.atime, before.mtime);
      return true;
    });
  }

  /** Whether somebody works on the journal, or did a moment ago. */
  static async isFresh(journal: string, abandonedMs: number): Promise<boolean> {
    const file = await stat(markerOf(journal)).catch(() => undefined);
    return file !== undefined && Math.abs(Date.now() - file.mtimeMs) < abandonedMs;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Takes over what somebody else has changed in the meantime. */
  async refresh(): Promise<void> {
    await this.#saving;
    this.#progress = (await this.#changed()) ?? this.#progress;
  }

  /**
   * Whole or not at all, one after the other. Never rejects: on a disk that is full the progress is remembered, and
   * what was done since is done again by whoever comes after us.
   * @returns false where somebody else has changed it: theirs holds, see `refresh`
   */
  save(progress: Partial<Progress>): Promise<boolean> {
    this.#progress = { ...this.#progress, ...progress };
    const text = JSON.stringify(this.#progress);
    const saved = this.#saving.then(() => this.#write(text)).catch(() => true);
    this.#saving = saved;
    return saved;
  }

  /** Makes it anew where it could not be made before. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.#path, now, now).catch(() => this.save({}));
  }

  /** Lets others take it over at once. */
  async release(): Promise<void> {
    await this.#saving;
    await utimes(this.#path, 0, 0).catch(() => undefined);
  }

  /** @returns false, and leaves it, where somebody else has changed it in the meantime */
  async remove(): Promise<boolean> {
    await this.#saving;
    return exclusively(this.#path, async () => {
      if (await this.#changed()) return false;
      this.#removed = true;
      await rm(this.#path, { force: true });
      return true;
    });
  }

  #write(text: string): Promise<boolean> {
    return exclusively(this.#path, async () => {
      if (this.#removed) return true;
      if (await this.#changed()) return false;
      await replace(this.#path, text);
      return true;
    });
  }

  async #changed(): Promise<Progress | undefined> {
    const there = await read(this.#path);
    return there && there.generation !== this.#progress.generation ? there : undefined;
  }
}

/** Whether it is one, or what is there while one is written. */
export function isMarker(file: string): boolean {
  const rest = file.slice(nameOf(file)?.length);
  return [MARKER_SUFFIX, markerOf(REFINED_SUFFIX)].some((suffix) => rest.startsWith(suffix));
}

export function markerOf(journal: string): string {
  return journal.slice(0, -JOURNAL_SUFFIX.length) + MARKER_SUFFIX;
}

/** @returns undefined where there is none; what is damaged begins anew */
async function read(path: string): Promise<Progress | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseProgress(text);
}

async function replace(path: string, text: string): Promise<void> {
  const unfinished = `${path}.tmp`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
}
