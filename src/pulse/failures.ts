import { backoffMs } from './backoff.js';
import type { PulseError } from './errors.js';

/** How often a stream whose end is asked for opens again for words that no final has confirmed. */
const CLOSING_RETRIES = 3;
/** Patience doubles so often. */
const MOST_SILENCES = 4;

/** What failed in a row, and how much patience is left. */
export class Failures {
  #lost = 0;
  #silences = 0;
  #closingRetries = 0;

  /** @param random 0 to 1, for the jitter of waits */
  constructor(
    private readonly random: () => number,
    private readonly silenceLimitMs: number,
  ) {}

  /** The server says something about the audio. */
  heard(): void {
    this.#lost = 0;
    this.#silences = 0;
  }

  /** A connection fell silent: each in a row doubles the patience, for a server that is only slow. */
  silent(): void {
    this.#silences += 1;
  }

  /** How long the server may say nothing about speech. */
  get patienceMs(): number {
    return this.silenceLimitMs * 2 ** Math.min(this.#silences, MOST_SILENCES);
  }

  /** @returns milliseconds until the next try */
  lost(error: PulseError): number {
    this.#lost += 1;
    return backoffMs(this.#lost, error, this.random());
  }

  /** Whether the end may wait for one more connection. */
  mayRetryTheEnd(): boolean {
    this.#closingRetries += 1;
    return this.#closingRetries <= CLOSING_RETRIES;
  }
}
