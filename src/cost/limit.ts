/** How much of a limit is used: `near` is a warning, from `spent` on nothing more is sent. */
export type LimitLevel = 'free' | 'near' | 'spent';

const NEAR = 0.85;
const MINUTE_MS = 60_000;

/** @param maxMinutes of audio; undefined: as much as there is */
export function limitLevel(audioMs: number, maxMinutes: number | undefined): LimitLevel {
  if (maxMinutes === undefined) return 'free';
  const share = audioMs / (maxMinutes * MINUTE_MS);
  if (share >= 1) return 'spent';
  return share >= NEAR ? 'near' : 'free';
}

const ORDER: readonly LimitLevel[] = ['free', 'near', 'spent'];

/** Of two limits the one that leaves less. */
export function strictest(one: LimitLevel, other: LimitLevel): LimitLevel {
  return ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;
}

/** A limit for each day, by UTC: what was sent yesterday does not count. */
export class DayLimit {
  readonly #maxMinutes: number | undefined;
  #day = '';
  #audioMs = 0;

  constructor(maxMinutes: number | undefined) {
    this.#maxMinutes = maxMinutes;
  }

  /** @param now Unix milliseconds */
  add(audioMs: number, now: number): LimitLevel {
    const day = new Date(now).toISOString().slice(0, 10);
    if (day !== this.#day) this.#audioMs = 0;
    this.#day = day;
    this.#audioMs += audioMs;
    return limitLevel(this.#audioMs, this.#maxMinutes);
  }
}
