/** Longer than a disk takes that works; live captions do not wait for one that does not. */
const LONGEST_WAIT_MS = 250;

/**
 * Lets the captions of a track go on in their order, although some have to wait: a final until it is written down, so
 * that nobody has read what the transcript does not have.
 */
export class InTurn {
  /** By track: the last one that waits. */
  readonly #waiting = new Map<string, Promise<void>>();

  /** @param first what has to be done before; undefined: nothing. Must not reject. */
  run(track: string, first: Promise<void> | undefined, act: () => void): void {
    const before = this.#waiting.get(track);
    if (!before && !first) {
      act();
      return;
    }
    const turn = Promise.all([before, first && within(first)]).then(() => {
      if (this.#waiting.get(track) === turn) this.#waiting.delete(track);
      act();
    });
    this.#waiting.set(track, turn);
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.all(this.#waiting.values());
  }
}

async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, LONGEST_WAIT_MS)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
