/** A stream, as whoever gives out permits sees it. */
export interface Applicant {
  /** It has the permit now. May be called within `ask`. */
  granted(): void;
  /** Somebody else needs its permit: it gives it back as soon as that costs no word. */
  yield(): void;
  /** Whether it could do without its connection: all that was said is confirmed, and nobody speaks. */
  isIdle(): boolean;
}

/** Who may have a connection. */
export interface StreamPermits {
  /** @param speaking what waits may be speech; to be called again when that changes */
  ask(applicant: Applicant, speaking: boolean): void;
  /** Gives the permit back, or asks no more. Nothing happens when there was neither. */
  release(applicant: Applicant): void;
}

/** What a pool could do with more, or give away. */
export interface Demand {
  readonly held: number;
  /** Permits whose holders could do without. */
  readonly idle: number;
  /** For how long those wait who speak and have none, the longest first, in milliseconds. */
  readonly waiting: readonly number[];
}

export interface StreamPoolOptions {
  /** How many streams there may be; may change. */
  readonly limit: number;
  /** Called when the demand has changed. */
  readonly onDemand?: () => void;
  /** A permit that was given back is given out again after this time. Default 100 ms. */
  readonly coolMs?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Who speaks on and on shares with those who wait: nobody loses a permit before this time. */
const SHARE_MS = 10_000;
/** Longer than any stream takes to give way, unless its connection broke meanwhile. */
const YIELDED_MS = 10_000;
/** The service notices a little later than we do that a stream is gone. */
const COOL_MS = 100;
/** How often it is looked who has become idle, while somebody waits. */
const LOOK_MS = 200;

interface Waiter {
  readonly applicant: Applicant;
  readonly since: number;
  readonly speaking: boolean;
}

interface Holder {
  readonly applicant: Applicant;
  readonly since: number;
  /** When it was asked to give way. */
  askedAt: number;
}

/**
 * The budget of streams that everybody in a process shares. Who speaks goes before who is silent, and of those who
 * speak the one who has waited longest. When all permits are used, one that is idle is taken back; when none is, those
 * who have had theirs for long take turns with those who wait.
 */
export class StreamPool implements StreamPermits {
  readonly #onDemand: () => void;
  readonly #now: () => number;
  readonly #waiting = new Map<Applicant, Waiter>();
  readonly #held = new Map<Applicant, Holder>();
  readonly #cooling = new Set<NodeJS.Timeout>();
  readonly #coolMs: number;
  #limit: number;
  #timer: NodeJS.Timeout | undefined;
  #settling = false;

  constructor({ limit, onDemand, coolMs = COOL_MS, now }: StreamPoolOptions) {
    this.#limit = limit;
    this.#coolMs = coolMs;
    this.#onDemand = onDemand ?? (() => undefined);
    this.#now = now ?? (() => performance.now());
  }

  get limit(): number {
    return this.#limit;
  }

  /** When it sinks below what is held, that comes back as soon as it costs no word. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#settle();
  }

  get demand(): Demand {
    const now = this.#now();
    const idle = [...this.#held.values()].filter(({ applicant }) => applicant.isIdle());
    const waiting = this.#speakers().map(({ since }) => now - since);
    return { held: this.#used, idle: idle.length, waiting };
  }

  ask(applicant: Applicant, speaking: boolean): void {
    if (this.#held.has(applicant)) return;
    // In the order of their waits.
    this.#waiting.delete(applicant);
    this.#waiting.set(applicant, { applicant, speaking, since: this.#now() });
    this.#settle();
  }

  release(applicant: Applicant): void {
    const asked = this.#waiting.delete(applicant);
    const held = this.#held.delete(applicant);
    if (held && this.#coolMs > 0) this.#cool();
    else if (asked || held) this.#settle();
  }

  #cool(): void {
    const timer = setTimeout(() => {
      this.#cooling.delete(timer);
      this.#settle();
    }, this.#coolMs).unref();
    this.#cooling.add(timer);
  }

  get #used(): number {
    return this.#held.size + this.#cooling.size;
  }

  /** Gives out nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    for (const timer of this.#cooling) clearTimeout(timer);
    this.#cooling.clear();
    this.#waiting.clear();
    this.#limit = 0;
  }

  #settle(): void {
    // Whom a permit is granted to or taken from may ask and release at once.
    if (this.#settling) return;
    this.#settling = true;
    for (let next = this.#next(); next; next = this.#next()) this.#grant(next);
    this.#takeBack();
    for (let next = this.#next(); next; next = this.#next()) this.#grant(next);
    this.#settling = false;
    clearTimeout(this.#timer);
    if (this.#wanted() > 0) this.#timer = setTimeout(() => this.#settle(), LOOK_MS).unref();
    this.#onDemand();
  }

  #next(): Waiter | undefined {
    if (this.#used >= this.#limit) return undefined;
    const [silent] = this.#waiting.values();
    return this.#speakers()[0] ?? silent;
  }

  #grant({ applicant }: Waiter): void {
    this.#waiting.delete(applicant);
    this.#held.set(applicant, { applicant, since: this.#now(), askedAt: -Infinity });
    applicant.granted();
  }

  /** Those who wait, and what is held beyond the limit, for which nobody gives way yet. */
  #wanted(): number {
    const beyond = Math.max(0, this.#used - this.#limit);
    const coming = this.#used - this.#staying().length;
    return this.#speakers().length + beyond - coming;
  }

  #takeBack(): void {
    const now = this.#now();
    const staying = this.#staying();
    const idle = staying.filter(({ applicant }) => applicant.isIdle());
    const busy = staying.filter((holder) => !idle.includes(holder));
    const beyond = this.#used - this.#limit;
    for (const holder of [...idle, ...busy]) {
      if (this.#wanted() <= 0) return;
      const shared = now - holder.since >= SHARE_MS || beyond > 0;
      if (!idle.includes(holder) && !shared) continue;
      holder.askedAt = now;
      holder.applicant.yield();
    }
  }

  /** Those who hold a permit and were not asked to give way, the longest first. */
  #staying(): Holder[] {
    const since = this.#now() - YIELDED_MS;
    return [...this.#held.values()].filter(({ askedAt }) => askedAt < since);
  }

  /** Those who speak and wait, the longest wait first. */
  #speakers(): Waiter[] {
    return [...this.#waiting.values()].filter(({ speaking }) => speaking);
  }
}
