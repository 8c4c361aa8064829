import type { StreamsReport, ToProcess } from './process/messages.js';

/** A room process, as far as it matters here. */
export interface Lessee {
  send(message: ToProcess): void;
}

export interface StreamBudgetOptions {
  /** How many streams all processes may have together. */
  readonly max: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Who waits this long for a stream takes one from a process in which people speak, too. */
const SHARE_MS = 10_000;
const LOOK_MS = 1000;

interface Lease {
  readonly lessee: Lessee;
  /** What it was told last, and the how manieth time that was. */
  limit: number;
  turn: number;
  /** The most that it may still believe. */
  believed: number;
  held: number;
  idle: number;
  /** Since when those wait who speak, by our clock, the longest first. */
  waiting: readonly number[];
}

/**
 * The streams of a worker, leased to its room processes. Never are more leased than there are: what is taken back
 * counts until the process has said that it obeys and holds no more. A process that is gone has none.
 */
export class StreamBudget {
  readonly #max: number;
  readonly #now: () => number;
  readonly #leases = new Map<Lessee, Lease>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ max, now }: StreamBudgetOptions) {
    this.#max = max;
    this.#now = now ?? (() => performance.now());
  }

  /** Connections that are open or opening. */
  get held(): number {
    return sum([...this.#leases.values()].map(({ held }) => held));
  }

  report(lessee: Lessee, { turn, held, idle, waiting }: StreamsReport): void {
    const lease = this.#leases.get(lessee) ?? { lessee, limit: 0, turn: 0, believed: 0 };
    const now = this.#now();
    this.#leases.set(lessee, {
      ...lease,
      believed: turn === lease.turn ? lease.limit : lease.believed,
      held,
      idle,
      waiting: waiting.map((ms) => now - ms),
    });
    this.#settle();
  }

  gone(lessee: Lessee): void {
    if (this.#leases.delete(lessee)) this.#settle();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#leases.clear();
  }

  #settle(): void {
    const leases = [...this.#leases.values()];
    const before = new Map(leases.map((lease) => [lease, lease.limit]));
    const unmet = this.#give(leases);
    this.#takeBack(leases, unmet);
    for (const lease of leases) {
      if (lease.limit === before.get(lease)) continue;
      lease.turn += 1;
      lease.lessee.send({ type: 'streams', lease: { limit: lease.limit, turn: lease.turn } });
    }
    clearTimeout(this.#timer);
    if (unmet.length > 0) this.#timer = setTimeout(() => this.#settle(), LOOK_MS).unref();
  }

  /** @returns since when those wait for whom there is nothing, the longest first */
  #give(leases: readonly Lease[]): { lease: Lease; since: number }[] {
    let free = this.#max - sum(leases.map(countedOf));
    const unmet = [];
    for (const wish of wishesOf(leases)) {
      if (free <= 0) {
        unmet.push(wish);
        continue;
      }
      free -= 1;
      wish.lease.limit += 1;
      wish.lease.believed = Math.max(wish.lease.believed, wish.lease.limit);
    }
    return unmet;
  }

  /** What nobody uses first, then what somebody could do without, then from those who have most. */
  #takeBack(leases: readonly Lease[], unmet: readonly { lease: Lease; since: number }[]): void {
    let needed = unmet.length - sum(leases.map((lease) => countedOf(lease) - lease.limit));
    const take = (lease: Lease, count: number) => {
      const taken = Math.max(0, Math.min(needed, count, lease.limit));
      lease.limit -= taken;
      needed -= taken;
    };
    for (const lease of leases) take(lease, lease.limit - lease.held - lease.waiting.length);
    const others = leases.filter(
      (lease) => lease.limit >= lease.held && lease.waiting.length === 0,
    );
    for (const lease of others) take(lease, Math.min(lease.idle, lease.limit));
    const [longest] = unmet;
    if (!longest || needed < unmet.length || this.#now() - longest.since < SHARE_MS) return;
    const [richest] = leases
      .filter((lease) => lease !== longest.lease && lease.limit > longest.lease.limit)
      .sort((one, other) => other.limit - one.limit);
    if (richest) take(richest, 1);
  }
}

/** What a process may have now, or may still believe to. */
function countedOf({ limit, believed, held }: Lease): number {
  return Math.max(limit, believed, held);
}

/** One for each who speaks, waits, and has no place within the limit of its process; the longest wait first. */
function wishesOf(leases: readonly Lease[]): { lease: Lease; since: number }[] {
  return leases
    .flatMap((lease) => {
      const room = Math.max(0, lease.limit - lease.held);
      return lease.waiting.slice(room).map((since) => ({ lease, since }));
    })
    .sort((one, other) => one.since - other.since);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
