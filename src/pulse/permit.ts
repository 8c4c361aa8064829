import { queuedError } from './errors.js';
import type { Outbox } from './outbox.js';

/** Who speaks and waits is told so after this time: most are free at once. */
const TELL_MS = 1000;

/** A stream's permit to have a connection: asked for, waited for, held, and given back. */
export class Permit {
  #held = false;
  #speaking = false;
  #tellAt = Number.POSITIVE_INFINITY;

  constructor(private readonly out: Outbox) {}

  get held(): boolean {
    return this.#held;
  }

  /** Whether what waits for it may be speech. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** When the owner is to be told that the stream waits. */
  get deadline(): number {
    return this.#tellAt;
  }

  /** To be called again when what waits turns out to be speech. */
  ask(speaking: boolean, now: number): void {
    this.#speaking = speaking;
    this.#tellAt = speaking ? now + TELL_MS : Number.POSITIVE_INFINITY;
    this.out.put({ type: 'ask', speaking });
  }

  granted(): void {
    this.#held = true;
    this.#tellAt = Number.POSITIVE_INFINITY;
  }

  tick(now: number): void {
    if (now < this.#tellAt) return;
    this.#tellAt = Number.POSITIVE_INFINITY;
    this.out.announce('waiting', queuedError());
  }

  /** Gives it back, or asks no more. */
  release(): void {
    this.#held = false;
    this.#tellAt = Number.POSITIVE_INFINITY;
    this.out.put({ type: 'release' });
  }
}
