/** A run of audio without a break. `at` is the owner's clock at its first sample, in milliseconds. */
export interface AudioChunk {
  readonly at: number;
  readonly samples: Int16Array;
  /** Louder than a quiet room: whoever drops it may drop words. */
  readonly loud: boolean;
}

/** Chunks whose times differ by less than this are one run: a sample is 0.02 to 0.125 ms, and clocks are rounded. */
const CONTIGUOUS_MS = 2;
/** The length of a long word: whoever cuts without knowing where words are stays this far back. */
const WORD_MS = 1000;
/** About -50 dBFS. Speech into any microphone is above it; hum and breath are below. */
const LOUD_RMS = 100;

/**
 * The audio that no final has confirmed yet, in order, with a cursor: what is before the cursor was sent on the
 * present connection, what is behind it waits. Bounded: at the bound the oldest goes.
 */
export class UnconfirmedAudio {
  #chunks: AudioChunk[] = [];
  /** Index of the first chunk that was not sent yet. */
  #cursor = 0;
  #ms = 0;
  #waitingMs = 0;
  /** The end of the latest chunk that is loud. */
  #loudUntil = Number.NEGATIVE_INFINITY;

  constructor(
    readonly sampleRate: number,
    readonly maxMs: number,
  ) {}

  /** @returns what had to go to keep the bound, oldest first: usually nothing. */
  push(samples: Int16Array, at: number): AudioChunk[] {
    if (samples.length === 0) return [];
    const chunk = { at, samples, loud: rms(samples) >= LOUD_RMS };
    this.#chunks.push(chunk);
    this.#ms += this.#duration(chunk);
    this.#waitingMs += this.#duration(chunk);
    if (chunk.loud) this.#loudUntil = this.endOf(chunk);
    const dropped: AudioChunk[] = [];
    while (this.#ms > this.maxMs && this.#chunks.length > 1) {
      const oldest = this.#shift();
      if (oldest) dropped.push(oldest);
    }
    return dropped;
  }

  /** Forgets everything before `time`: it is in a final, or holds no words. */
  confirm(time: number): void {
    let first = this.#chunks[0];
    while (first && this.endOf(first) <= time) {
      this.#shift();
      first = this.#chunks[0];
    }
  }

  /** A new connection begins: what is sent next is the chunk that holds `time`, or the oldest that is left. */
  rewind(time: number): void {
    const index = this.#chunks.findIndex((chunk) => this.endOf(chunk) > time);
    this.#cursor = index === -1 ? this.#chunks.length : index;
    this.#waitingMs = this.#chunks
      .slice(this.#cursor)
      .reduce((total, chunk) => total + this.#duration(chunk), 0);
  }

  /**
   * The next piece to send, and moves the cursor behind it: one run without a break, of at most `maxMs`.
   *
   * @param minMs what is shorter waits for more, unless a break in time follows.
   * @returns undefined when nothing (or too little) waits.
   */
  take(minMs: number, maxMs: number): AudioChunk | undefined {
    const first = this.#chunks[this.#cursor];
    if (!first) return undefined;
    let end = this.#cursor;
    let ms = 0;
    let complete = false;
    for (let next = this.#chunks[end]; next; next = this.#chunks[end]) {
      const before = this.#chunks[end - 1];
      const duration = this.#duration(next);
      if (end > this.#cursor && before && !this.#follows(before, next)) complete = true;
      if (end > this.#cursor && ms + duration > maxMs) complete = true;
      if (complete) break;
      ms += duration;
      end += 1;
    }
    if (ms < minMs && !complete) return undefined;
    const parts = this.#chunks.slice(this.#cursor, end);
    this.#cursor = end;
    this.#waitingMs = Math.max(0, this.#waitingMs - ms);
    return {
      at: first.at,
      samples: concat(parts),
      loud: parts.some((part) => part.loud),
    };
  }

  /** Milliseconds that wait to be sent. */
  get waitingMs(): number {
    return this.#waitingMs;
  }

  /** Milliseconds that are kept, sent or not. */
  get keptMs(): number {
    return this.#ms;
  }

  /** The beginning of what waits to be sent. */
  get waitingFrom(): number | undefined {
    return this.#chunks[this.#cursor]?.at;
  }

  /** The end of what is kept. */
  get end(): number | undefined {
    const last = this.#chunks.at(-1);
    return last && this.endOf(last);
  }

  /** Whether what came last may hold words. */
  get endsLoud(): boolean {
    return this.#chunks.at(-1)?.loud === true;
  }

  /** Whether anything that is kept behind `time` may hold words. */
  hasLoudAfter(time: number): boolean {
    const [first] = this.#chunks;
    return first !== undefined && this.#loudUntil > Math.max(time, first.at);
  }

  /** From the first to the last of what is kept behind `time` and may hold words. */
  loudSpan(time: number): { start: number; end: number } | undefined {
    const loud = this.#chunks.filter((chunk) => chunk.loud && this.endOf(chunk) > time);
    const [first, last] = [loud[0], loud.at(-1)];
    return first && last && { start: Math.max(first.at, time), end: this.endOf(last) };
  }

  /** The latest time up to `time` at which no word is cut: where it is quiet, else a word's length before. */
  seamBefore(time: number): number {
    const quiet = this.#chunks.findLast((chunk) => !chunk.loud && chunk.at < time);
    return Math.max(time - WORD_MS, quiet ? Math.min(this.endOf(quiet), time) : -Infinity);
  }

  endOf(chunk: AudioChunk): number {
    return chunk.at + this.#duration(chunk);
  }

  clear(): void {
    this.#chunks = [];
    this.#cursor = 0;
    this.#ms = 0;
    this.#waitingMs = 0;
  }

  #duration(chunk: AudioChunk): number {
    return (chunk.samples.length / this.sampleRate) * 1000;
  }

  #follows(before: AudioChunk, after: AudioChunk): boolean {
    return Math.abs(after.at - this.endOf(before)) < CONTIGUOUS_MS;
  }

  #shift(): AudioChunk | undefined {
    const oldest = this.#chunks.shift();
    if (!oldest) return undefined;
    this.#ms = Math.max(0, this.#ms - this.#duration(oldest));
    if (this.#cursor > 0) this.#cursor -= 1;
    else this.#waitingMs = Math.max(0, this.#waitingMs - this.#duration(oldest));
    return oldest;
  }
}

function rms(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

function concat(parts: readonly AudioChunk[]): Int16Array {
  const [only] = parts;
  if (parts.length === 1 && only) return only.samples;
  const all = new Int16Array(parts.reduce((total, part) => total + part.samples.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part.samples, offset);
    offset += part.samples.length;
  }
  return all;
}
