/** Where a room clock reads the time; replaced in tests. */
export interface TimeSources {
  /** Unix milliseconds. Read once. */
  readonly unixNow?: () => number;
  /** Unix milliseconds of the clock's zero, so that all who caption a room have the same. Default: now. */
  readonly epoch?: number | undefined;
  /** Milliseconds that never jump, from any zero. */
  readonly monotonicNow?: () => number;
}

/**
 * The one clock of a room: milliseconds since the room or the captioner began, on a clock that does not jump when the
 * machine's date is set. Everything that is said in the room is timed on it, whatever track or connection it
 * came by.
 */
export class RoomClock {
  /** Unix milliseconds of this clock's zero; never changes. */
  readonly epoch: number;
  readonly #monotonicNow: () => number;
  readonly #zero: number;

  constructor({
    unixNow = Date.now,
    epoch,
    monotonicNow = () => performance.now(),
  }: TimeSources = {}) {
    const now = unixNow();
    this.#monotonicNow = monotonicNow;
    // Another machine's time may be ahead of ours; a room has no time before its beginning.
    this.epoch = Math.round(Math.min(epoch ?? now, now));
    this.#zero = monotonicNow() - (epoch === undefined ? 0 : now - this.epoch);
  }

  /** Milliseconds since the epoch, with a fraction. */
  now(): number {
    return this.#monotonicNow() - this.#zero;
  }
}
