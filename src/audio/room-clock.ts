/** Where a room clock reads the time; replaced in tests. */
export interface TimeSources {
  /** Unix milliseconds. Read once. */
  readonly unixNow?: () => number;
  /** Milliseconds that never jump, from any zero. */
  readonly monotonicNow?: () => number;
}

/**
 * The one clock of a room: milliseconds since the captioner began, on a clock that does not jump when the
 * machine's date is set. Everything that is said in the room is timed on it, whatever track or connection it
 * came by.
 */
export class RoomClock {
  /** Unix milliseconds of this clock's zero; never changes. */
  readonly epoch: number;
  readonly #monotonicNow: () => number;
  readonly #zero: number;

  constructor({ unixNow = Date.now, monotonicNow = () => performance.now() }: TimeSources = {}) {
    this.#monotonicNow = monotonicNow;
    this.epoch = Math.round(unixNow());
    this.#zero = monotonicNow();
  }

  /** Milliseconds since the epoch, with a fraction. */
  now(): number {
    return this.#monotonicNow() - this.#zero;
  }
}
