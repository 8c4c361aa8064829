interface Run {
  /** Milliseconds of audio that were sent on the connection before this run. */
  readonly sentMs: number;
  /** The owner's clock at the run's first sample. */
  readonly at: number;
}

const CONTIGUOUS_MS = 2;

/**
 * Times of one connection to times of the owner. The server counts the audio that it was sent; the owner's clock
 * goes on while nothing is sent, and a replay sends the past.
 */
export class Timeline {
  #runs: Run[] = [];
  #sentMs = 0;

  sent(at: number, durationMs: number): void {
    const expected = this.end;
    if (expected === undefined || Math.abs(at - expected) >= CONTIGUOUS_MS) {
      this.#runs.push({ sentMs: this.#sentMs, at });
    }
    this.#sentMs += durationMs;
  }

  /** @param connectionMs milliseconds from the connection's first audio. */
  toOwner(connectionMs: number): number {
    const run = this.#runs.findLast((candidate) => candidate.sentMs <= connectionMs);
    const first = run ?? this.#runs[0];
    return first ? first.at + (connectionMs - first.sentMs) : connectionMs;
  }

  /** The owner's clock at the end of what was sent; undefined before anything was. */
  get end(): number | undefined {
    const last = this.#runs.at(-1);
    return last && last.at + (this.#sentMs - last.sentMs);
  }

  /** Forgets the runs that only times before this one need: the server never goes back behind a final. */
  forgetBefore(ownerTime: number): void {
    const keep = this.#runs.findLastIndex((run) => run.at <= ownerTime);
    if (keep > 0) this.#runs = this.#runs.slice(keep);
  }
}
