interface Run {
  /** Milliseconds of audio that were sent on the connection before this run. */
  readonly sentMs: number;
  /** The owner's clock at the run's first sample. */
  readonly at: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
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

  /**
   * Where something begins. Where it ends is for `endToOwner`: between two runs lies what was not sent, which may be
   * minutes, and what ends with a run does not end with the beginning of the next.
   *
   * @param connectionMs milliseconds from the connection's first audio.
   */
  toOwner(connectionMs: number): number {
    return place(this.#runs[this.#indexOf(connectionMs)], connectionMs);
  }

  endToOwner(connectionMs: number): number {
    const index = this.#indexOf(connectionMs);
    const run = this.#runs[index];
    const isEndBefore = run?.sentMs === connectionMs && index > 0;
    return place(isEndBefore ? this.#runs[index - 1] : run, connectionMs);
  }

  /**
   * Of a word, which lies in one run. The server does not know of the break, and its times are not exact: where they
   * reach across, the word is in the run that holds its middle.
   */
  wordToOwner({ start, end }: Span): Span {
    const index = this.#indexOf((start + end) / 2);
    const run = this.#runs[index];
    const next = this.#runs[index + 1];
    const from = place(run, Math.max(start, index > 0 ? (run?.sentMs ?? start) : start));
    return { start: from, end: Math.max(from, place(run, Math.min(end, next?.sentMs ?? end))) };
  }

  /** The owner's clock so much sent audio before the end of what was sent. */
  beforeEnd(ms: number): number | undefined {
    return this.#runs.length === 0 ? undefined : this.toOwner(this.#sentMs - ms);
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

  #indexOf(connectionMs: number): number {
    return Math.max(
      0,
      this.#runs.findLastIndex((run) => run.sentMs <= connectionMs),
    );
  }
}

function place(run: Run | undefined, connectionMs: number): number {
  return run ? run.at + (connectionMs - run.sentMs) : connectionMs;
}
