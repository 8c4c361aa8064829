import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the event loop is to come round, in milliseconds. */
const RESOLUTION_MS = 20;

/**
 * By how much the event loop of this process is late, on average: an average over the times that it came round, so that
 * one long pause weighs little and a loop that is late all the time weighs much.
 */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #since = performance.now();

  constructor() {
    this.#histogram.enable();
  }

  /** @returns milliseconds, of the time since the last call */
  take(): number {
    const now = performance.now();
    const elapsed = now - this.#since;
    // The round that is under way counts as one.
    const rounds = this.#histogram.count + 1;
    this.#since = now;
    this.#histogram.reset();
    return Math.max(0, elapsed / rounds - RESOLUTION_MS);
  }

  /** Idempotent. */
  close(): void {
    this.#histogram.disable();
  }
}
