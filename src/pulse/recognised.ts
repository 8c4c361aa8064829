import type { Word } from './events.js';
import { Overlap } from './overlap.js';

const TAIL_WORDS = 3;
/** A replay begins this long before the last confirmed word, so that the recogniser hears that word whole. */
const LEAD_IN_MS = 300;

/** How far the finals of a stream have come: all that another stream needs to go on behind them. */
export interface PulsePosition {
  /** Milliseconds on the owner's clock: what was said before is in a final. Undefined: nothing is. */
  readonly until: number | undefined;
  /** The last words of the finals, at most three, in order. */
  readonly tail: readonly Word[];
}

/** How far the finals have come, over all connections. Times on the owner's clock. */
export class Recognised {
  #until = Number.NEGATIVE_INFINITY;
  #replayFrom = Number.NEGATIVE_INFINITY;
  #tail: readonly Word[] = [];

  /** @param from where another stream of the same audio has stopped */
  constructor(from: PulsePosition = { until: undefined, tail: [] }) {
    this.confirm(from.tail, from.until);
  }

  get position(): PulsePosition {
    const until = Number.isFinite(this.#until) ? this.#until : undefined;
    return { until, tail: this.#tail };
  }

  /** Everything before this time is in a final, or was found to hold no words. */
  get until(): number {
    return this.#until;
  }

  /** Where a new connection has to begin. */
  get replayFrom(): number {
    return this.#replayFrom;
  }

  /**
   * @param words of the final, in order.
   * @param until the end of what the final speaks for, where that is more than its words.
   */
  confirm(words: readonly Word[], until: number | undefined): void {
    const last = words.at(-1);
    if (last && last.end > this.#until) {
      this.#tail = [...this.#tail, ...words].slice(-TAIL_WORDS);
      this.#until = last.end;
      this.#replayFrom = Math.max(this.#replayFrom, last.start - LEAD_IN_MS);
    }
    if (until !== undefined && until > this.#until) {
      this.#until = until;
      this.#replayFrom = Math.max(this.#replayFrom, until);
    }
  }

  /** What the next connection may say again. */
  overlap(): Overlap {
    return new Overlap(this.#tail);
  }
}
