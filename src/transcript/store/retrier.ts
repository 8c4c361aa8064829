import { setTimeout as sleep } from 'node:timers/promises';

export interface RetrierOptions {
  /** Rejects when it has to be done again later. */
  readonly work: () => Promise<void>;
  /** @param failures in a row, this one included */
  readonly onFailure: (error: unknown, failures: number) => void;
  readonly onRecovery?: () => void;
  readonly pauses?: Pauses;
}

/** Milliseconds before the second try, and the most that it grows to. */
export interface Pauses {
  readonly firstMs: number;
  readonly mostMs: number;
}

const PAUSES: Pauses = { firstMs: 1000, mostMs: 60_000 };

/**
 * How long to wait before the next try; half of it is jitter, so that many who failed together do not come back
 * together.
 * @param failures in a row, 1 or more
 * @param random 0 to 1
 * @returns milliseconds
 */
export function pauseMs(failures: number, random: number, { firstMs, mostMs } = PAUSES): number {
  return Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.5 + random / 2);
}

/** Does one piece of work whenever it is asked to, once at a time, and again after a pause while it fails. */
export class Retrier {
  readonly #options: RetrierOptions;
  readonly #closing = new AbortController();
  #asked = false;
  #failures = 0;
  #running: Promise<void> | undefined;
  #attempt: Promise<void> = Promise.resolve();

  constructor(options: RetrierOptions) {
    this.#options = options;
  }

  /** Asks for the work to be done once more, soon. What waits after a failure goes on waiting. */
  kick(): void {
    if (this.#closing.signal.aborted) return;
    this.#asked = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when what was asked for is done, or has failed and waits to be tried again. */
  async settled(): Promise<void> {
    while (this.#running) {
      await this.#attempt;
      if (this.#failures > 0) return;
    }
  }

  /** Begins nothing more, and resolves when what is under way is over. May be called more than once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#asked && !this.#closing.signal.aborted) {
      this.#asked = false;
      this.#attempt = this.#try();
      await this.#attempt;
      if (this.#failures === 0) continue;
      const ms = pauseMs(this.#failures, Math.random(), this.#options.pauses);
      // Does not hold the process up: what is left is done by the next one.
      await sleep(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(
        () => undefined,
      );
    }
  }

  async #try(): Promise<void> {
    const { work, onFailure, onRecovery } = this.#options;
    try {
      await work();
      if (this.#failures > 0) onRecovery?.();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#asked = true;
      onFailure(error, this.#failures);
    }
  }
}
