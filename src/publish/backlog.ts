import type { Caption } from '../captions/caption.js';

export interface BacklogOptions {
  /** Default 100. */
  readonly maxSegments?: number;
  /** Default ten minutes. */
  readonly maxAgeMs?: number;
  /** Milliseconds that never jump. */
  readonly now?: () => number;
}

/** What was said lately, for people who come later: final segments with text, the last hundred of ten minutes. */
export class Backlog {
  readonly #maxSegments: number;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  /** By id, in the order in which they came. */
  readonly #kept = new Map<string, { readonly caption: Caption; readonly at: number }>();

  constructor({
    maxSegments = 100,
    maxAgeMs = 600_000,
    now = () => performance.now(),
  }: BacklogOptions = {}) {
    this.#maxSegments = maxSegments;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  add(caption: Caption): void {
    if (!caption.final || caption.text === '') return;
    this.#kept.delete(caption.id);
    this.#kept.set(caption.id, { caption, at: this.#now() });
    this.#forget();
  }

  /**
   * Takes in what others said before; what is known is left as it is.
   * @param now on the clock of their times
   */
  inherit(captions: readonly Caption[], now: number): void {
    const known = [...this.#kept];
    this.#kept.clear();
    const inOrder = captions.toSorted((one, other) => one.end - other.end);
    for (const caption of inOrder) {
      this.#kept.set(caption.id, { caption, at: this.#now() - (now - caption.end) });
    }
    for (const [id, entry] of known) {
      this.#kept.delete(id);
      this.#kept.set(id, entry);
    }
    this.#forget();
  }

  /** In the order in which it was said. */
  get captions(): readonly Caption[] {
    this.#forget();
    return Array.from(this.#kept.values(), ({ caption }) => caption).sort(
      (one, other) => one.start - other.start || one.end - other.end,
    );
  }

  #forget(): void {
    const since = this.#now() - this.#maxAgeMs;
    for (const [id, { at }] of this.#kept) {
      if (this.#kept.size <= this.#maxSegments && at >= since) return;
      this.#kept.delete(id);
    }
  }
}
