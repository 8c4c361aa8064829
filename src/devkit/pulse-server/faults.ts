/** What a stream must be able to suffer. */
export interface FaultTarget {
  /** A TCP reset, without a close frame. */
  reset(): void;
  closeWith(code: number, reason: string): void;
  /** From now on nothing is answered, pings neither, and the TCP connection stays. It never recovers. */
  hang(): void;
  /** Stop reading, or go on: the sender's buffers fill. */
  stall(stalled: boolean): void;
}

export interface Refusal {
  readonly status: number;
  /** Sent as the `Retry-After` header, in seconds. */
  readonly retryAfter?: number;
  readonly message?: string;
  /** How many requests to refuse. Default: until `clear`. */
  readonly count?: number;
  /** For how long to refuse, in milliseconds from now. */
  readonly forMs?: number;
}

/**
 * Switches for everything that can go wrong with a streaming service. They act at once, may be combined, and
 * `clear` turns all of them off; what they have done to a stream that is open stays done.
 */
export class Faults {
  /** Each result is sent this much later, in milliseconds; pongs and closes are not. */
  slowMs = 0;
  /** `close_stream` is answered with a final, but never with `is_last`, and the socket stays open. */
  withoutLast = false;
  /** Before each message: something that is no result, in turn. */
  junk = false;
  /** Streams beyond this number are accepted and closed with 1008. */
  streamLimit = Number.POSITIVE_INFINITY;
  /** A stream that gets neither audio nor a keepalive for this many milliseconds is closed. */
  idleTimeoutMs = Number.POSITIVE_INFINITY;
  /** The close code of `idleTimeoutMs`. */
  idleCloseCode = 1000;
  /** `speech_ended` is sent when the silence is heard, before the last finals of that speech. */
  speechEndedFirst = false;
  /** Finals that end an utterance carry `speech_final: true`, as newer servers send it. */
  speechFinal = false;

  private readonly targets = new Set<FaultTarget>();
  private resetBudget: { nextMs: () => number; left: number } | undefined;
  private hangFresh = false;
  private hangBeforeUpgrade = false;
  private stalled = false;
  private live: ActiveRefusal | undefined;
  private batch: ActiveRefusal | undefined;

  /** Resets all streams that are open. */
  resetAll(): void {
    for (const target of [...this.targets]) target.reset();
  }

  /** Closes all streams that are open. */
  closeAll(code: number, reason = ''): void {
    for (const target of [...this.targets]) target.closeWith(code, reason);
  }

  /**
   * Resets each stream that opens from now on when this much of its audio has arrived, in milliseconds.
   * `times`: how many streams suffer it, by default all.
   */
  resetAfterAudio(ms: number | (() => number), times = Number.POSITIVE_INFINITY): void {
    this.resetBudget = { nextMs: typeof ms === 'number' ? () => ms : ms, left: times };
  }

  /** As `resetAfterAudio`, at a random moment of each stream. `random` gives 0 to 1: pass a seeded one. */
  resetAtRandom(
    leastMs: number,
    mostMs: number,
    times = Number.POSITIVE_INFINITY,
    random: () => number = Math.random,
  ): void {
    this.resetAfterAudio(() => leastMs + random() * (mostMs - leastMs), times);
  }

  /** Answers upgrades with an HTTP status. */
  refuse(refusal: Refusal): void {
    this.live = new ActiveRefusal(refusal);
  }

  /** Answers batch requests with an HTTP status. */
  refuseBatch(refusal: Refusal): void {
    this.batch = new ActiveRefusal(refusal);
  }

  /**
   * Hangs streams that are open (`existing`), those that open from now on (`fresh`), or new connections before
   * the upgrade is answered (`beforeUpgrade`). Streams that hang stay so until somebody closes or resets them.
   */
  hang(which: { existing?: boolean; fresh?: boolean; beforeUpgrade?: boolean }): void {
    if (which.fresh !== undefined) this.hangFresh = which.fresh;
    if (which.beforeUpgrade !== undefined) this.hangBeforeUpgrade = which.beforeUpgrade;
    if (which.existing) for (const target of this.targets) target.hang();
  }

  /** Stops reading from all streams, old and new, or goes on. */
  stall(stalled = true): void {
    this.stalled = stalled;
    for (const target of this.targets) target.stall(stalled);
  }

  clear(): void {
    this.slowMs = 0;
    this.withoutLast = false;
    this.junk = false;
    this.streamLimit = Number.POSITIVE_INFINITY;
    this.idleTimeoutMs = Number.POSITIVE_INFINITY;
    this.idleCloseCode = 1000;
    this.speechEndedFirst = false;
    this.speechFinal = false;
    this.resetBudget = undefined;
    this.live = undefined;
    this.batch = undefined;
    this.hang({ fresh: false, beforeUpgrade: false });
    this.stall(false);
  }

  /** For the server: the refusal that the next request of this kind gets, which counts as used. */
  takeRefusal(kind: 'live' | 'batch'): Refusal | undefined {
    return (kind === 'live' ? this.live : this.batch)?.take();
  }

  /** For the server: whether to leave a new connection without an answer. */
  get ignoresUpgrades(): boolean {
    return this.hangBeforeUpgrade;
  }

  /** For the server: a stream has opened. The answer: after how much audio it is to be reset. */
  join(target: FaultTarget): number {
    this.targets.add(target);
    if (this.hangFresh) target.hang();
    if (this.stalled) target.stall(true);
    if (this.resetBudget === undefined || this.resetBudget.left <= 0)
      return Number.POSITIVE_INFINITY;
    this.resetBudget.left -= 1;
    return this.resetBudget.nextMs();
  }

  /** For the server: a stream has ended. */
  leave(target: FaultTarget): void {
    this.targets.delete(target);
  }
}

class ActiveRefusal {
  private left: number;
  private readonly until: number;

  constructor(private readonly refusal: Refusal) {
    this.left = refusal.count ?? Number.POSITIVE_INFINITY;
    this.until = performance.now() + (refusal.forMs ?? Number.POSITIVE_INFINITY);
  }

  take(): Refusal | undefined {
    if (this.left <= 0 || performance.now() >= this.until) return undefined;
    this.left -= 1;
    return this.refusal;
  }
}
