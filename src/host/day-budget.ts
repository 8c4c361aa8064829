import { DayLimit, type LimitLevel } from '../cost/limit.js';
import type { Lessee } from './stream-budget.js';

/** The minutes of audio that all processes of a worker may send in a day, and how much of them each one is told is used. */
export class DayBudget {
  readonly #limit: DayLimit;
  readonly #told = new WeakMap<Lessee, LimitLevel>();
  readonly #now: () => number;

  /** @param now Unix milliseconds */
  constructor(maxMinutes: number | undefined, now: () => number = Date.now) {
    this.#limit = new DayLimit(maxMinutes);
    this.#now = now;
  }

  /** To be called at each sign of life, also when nothing was sent: another day may have begun. */
  sent(lessee: Lessee, audioMs: number): void {
    const level = this.#limit.add(audioMs, this.#now());
    if (level === (this.#told.get(lessee) ?? 'free')) return;
    this.#told.set(lessee, level);
    lessee.send({ type: 'day', level });
  }
}
