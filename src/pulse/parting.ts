import type { Hearing } from './hearing.js';

/** Who is to give a permit back in mid-speech does so after the next final, at the latest after this time. */
const YIELD_BY_MS = 3000;
const NEVER = Number.POSITIVE_INFINITY;

/** When an open connection is given up although nothing is wrong with it. */
export class Parting {
  #yieldSince: number | undefined;
  #winding = false;
  #never = false;

  constructor(
    private readonly hearing: Hearing,
    private readonly idleCloseMs: number,
  ) {}

  /** Somebody else needs it. */
  ask(now: number): void {
    if (!this.#never) this.#yieldSince ??= now;
  }

  /** It is about to be closed: also the last bit of audio is to be sent. */
  get winding(): boolean {
    return this.#winding;
  }

  /** Not any more: it ends for good. */
  close(): void {
    this.#never = true;
    this.gone();
  }

  /** The connection is gone. */
  gone(): void {
    this.#yieldSince = undefined;
    this.#winding = false;
  }

  /** Looks whether it is time to close in order. */
  look(now: number): void {
    if (this.#never) return;
    const { hearing } = this;
    const asked = this.#yieldSince !== undefined && now >= hearing.idleAt;
    this.#winding = asked || (hearing.quiet && now >= this.#idleCloseAt);
  }

  /** Whether it is time to close in mid-speech; at a final little has to be sent again. */
  overdue(now: number, atFinal = false): boolean {
    const { idleAt, quiet } = this.hearing;
    if (this.#yieldSince === undefined || now >= idleAt) return false;
    return (atFinal && !quiet) || now >= this.#yieldBy;
  }

  /** When to look again if nothing happens. */
  get deadline(): number {
    if (this.#winding || this.#never) return NEVER;
    const idle = this.hearing.quiet ? this.#idleCloseAt : NEVER;
    if (this.#yieldSince === undefined) return idle;
    return Math.min(idle, this.hearing.idleAt, this.#yieldBy);
  }

  get #yieldBy(): number {
    return this.#yieldSince === undefined ? NEVER : this.#yieldSince + YIELD_BY_MS;
  }

  get #idleCloseAt(): number {
    return this.hearing.pushedAt + this.idleCloseMs;
  }
}
