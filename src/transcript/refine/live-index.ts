import type { Word } from '../../pulse/events.js';
import type { SegmentRecord } from '../records.js';
import type { Span } from './spans.js';

const BUCKET_MS = 10_000;

/** Finds the segments that were said at a time, however many there are. */
export class LiveIndex {
  readonly #buckets = new Map<number, SegmentRecord[]>();

  constructor(segments: readonly SegmentRecord[]) {
    for (const segment of segments) {
      for (const bucket of bucketsOf(segment)) {
        const known = this.#buckets.get(bucket);
        if (known) known.push(segment);
        else this.#buckets.set(bucket, [segment]);
      }
    }
  }

  /** Those that are at most `reach` milliseconds away. */
  near({ start, end }: Span, reach: number): SegmentRecord[] {
    const span = { start: start - reach, end: end + reach };
    const found = new Set<SegmentRecord>();
    for (const bucket of bucketsOf(span)) {
      for (const segment of this.#buckets.get(bucket) ?? []) {
        if (segment.start <= span.end && segment.end >= span.start) found.add(segment);
      }
    }
    return [...found];
  }
}

/** How well a word goes with a segment: the same word at about the same time first, then the time that they share. */
export function likeness(word: Word, segment: SegmentRecord): number {
  const heard: readonly { start: number; end: number; text?: string }[] = segment.words?.length
    ? segment.words
    : [segment];
  let best = -Infinity;
  let overlap = 0;
  for (const other of heard) {
    const ms = Math.min(word.end, other.end) - Math.max(word.start, other.start);
    if (ms < -SAME_WORD_MS) continue;
    overlap += Math.max(0, ms);
    const same = other.text !== undefined && plain(other.text) === plain(word.text);
    best = Math.max(best, Math.min(0, ms) + (same ? SAME_WORD_MS : 0));
  }
  return best + overlap;
}

/** How far apart two recognitions may time one word. */
const SAME_WORD_MS = 1000;

function plain(text: string): string {
  return text.toLowerCase().replace(/[\p{P}\s]+/gu, '');
}

function* bucketsOf({ start, end }: Span): Generator<number> {
  const last = Math.floor(end / BUCKET_MS);
  for (let bucket = Math.floor(start / BUCKET_MS); bucket <= last; bucket += 1) yield bucket;
}
