import { type Cause, isCause, type Level, type Pressure, type Step } from './steps.js';

/** Something has to fail to keep up for so long, without a break, before each step up. */
export const UP_AFTER_MS = 2000;
/** It has to keep up with ease for so long, without a break, before each step down. */
export const DOWN_AFTER_MS = 10_000;

/**
 * Which step holds, from how well something keeps up whenever somebody looks: up quickly, down slowly, and only ever to
 * the next one.
 *
 *     0 ──a cause for UP_AFTER_MS──▶ 1 ──the same again──▶ 2 ──and again──▶ 3
 *     0 ◀──calm for DOWN_AFTER_MS── 1 ◀─────────────────── 2 ◀───────────── 3
 *
 * `near` holds the step and begins both times anew: what is given up is what makes it bearable.
 */
export class Ladder {
  readonly #top: Level;
  #level: Level = 0;
  #cause: Cause = 'event_loop';
  /** What has been seen without a break, and since when. */
  #seen: 'trouble' | 'near' | 'calm' = 'calm';
  #since = Number.NEGATIVE_INFINITY;

  /** @param top the highest step there is */
  constructor(top: Level) {
    this.#top = top;
  }

  get level(): Level {
    return this.#level;
  }

  /**
   * @param now milliseconds that never jump
   * @returns the step that is taken now
   */
  look(pressure: Pressure, now: number): Step | undefined {
    const seen = isCause(pressure) ? 'trouble' : pressure;
    if (isCause(pressure)) this.#cause = pressure;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#since = now;
    }
    switch (seen) {
      case 'trouble':
        return this.#level < this.#top && now - this.#since >= UP_AFTER_MS
          ? this.#go(NEXT[this.#level], now)
          : undefined;
      case 'calm':
        return this.#level > 0 && now - this.#since >= DOWN_AFTER_MS
          ? this.#go(BEFORE[this.#level], now)
          : undefined;
      case 'near':
        return undefined;
    }
  }

  #go(to: Level, now: number): Step {
    const from = this.#level;
    this.#level = to;
    this.#since = now;
    return { from, to, cause: this.#cause };
  }
}

const NEXT: Readonly<Record<Level, Level>> = { 0: 1, 1: 2, 2: 3, 3: 3 };
const BEFORE: Readonly<Record<Level, Level>> = { 0: 0, 1: 0, 2: 1, 3: 2 };
