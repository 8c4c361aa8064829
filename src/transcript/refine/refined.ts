import { mergeParts, type PlacedPart } from '../merge.js';
import type { JournalRecord, SegmentRecord } from '../records.js';
import { attribute, type Said } from './attribute.js';
import { segmentsOf } from './lane-segments.js';
import { LiveIndex } from './live-index.js';
import { hears, isOf, type Recognised, sameScope, understands, wordsOf } from './recognised.js';
import { recordsOf } from './records-of.js';

export interface Refined {
  /** The journal of the better transcript. */
  readonly records: readonly JournalRecord[];
  /** How many segments are new, and how many are as they were. */
  readonly fresh: number;
  readonly kept: number;
  /**
   * For each recording, in their order: how much of its words (0 to 1) falls where its people were captioned;
   * undefined without words.
   */
  readonly agreement: readonly (number | undefined)[];
}

/** Around a segment that stays: a recording may have its first and last words a little earlier or later. */
const EDGE_MS = 250;
/** As Pulse writes in place of what it takes out. */
const REDACTED = /\[[A-Z][A-Z_]*_\d+\]/;

/** Whether something was taken out of it. */
export function isRedacted({ text }: Pick<SegmentRecord, 'text'>): boolean {
  return REDACTED.test(text);
}

/**
 * A better transcript of a call, on the same clock, with the same people: what recordings have replaces what was
 * captioned. As they were stay the segments of those who are on no recording, in another language than was asked for,
 * with something redacted, and those that are not wholly inside of what was heard of a recording.
 */
export function refine(parts: readonly PlacedPart[], recordings: readonly Recognised[]): Refined {
  const first = mergeParts(parts);
  // Without words there is nothing better.
  const useful = recordings.filter(({ result }) => result.words.length > 0);
  const kept = first.segments.filter(
    (segment) => isRedacted(segment) || !useful.some((recording) => replaces(recording, segment)),
  );
  const staying = new LiveIndex(kept);
  const said = recordings.map((recording, index) => {
    const live = first.segments.filter(({ track }) => isOf(recording, track.sid));
    const all = attribute(wordsOf(recording), new LiveIndex(live), recording.scope);
    const before = recordings
      .slice(0, index)
      .filter((other) => useful.includes(other) && sameScope(other, recording));
    const left = all.filter(
      (one) => !isKept(one, staying) && !before.some((other) => hears(other, one.word)),
    );
    return { recording, all, left };
  });
  const fresh = said.flatMap(({ recording: { result, language }, left }) =>
    segmentsOf(left, result.language ?? language, first.epoch),
  );
  const segments = [...kept, ...fresh].sort(
    (one, other) => one.start - other.start || one.end - other.end,
  );
  const gaps = first.gaps.filter(
    (gap) => !useful.some((recording) => isOf(recording, gap.track) && hears(recording, gap)),
  );
  return {
    records: recordsOf({ ...first, segments, gaps }, parts),
    fresh: fresh.length,
    kept: kept.length,
    agreement: said.map(({ all }) =>
      all.length === 0 ? undefined : all.filter(({ first }) => first).length / all.length,
    ),
  };
}

function replaces(recording: Recognised, segment: SegmentRecord): boolean {
  return (
    isOf(recording, segment.track.sid) &&
    understands(recording, segment.language) &&
    hears(recording, segment)
  );
}

/** Whether a segment that stays has the word already, or has it redacted. */
function isKept({ word, lane }: Said, staying: LiveIndex): boolean {
  return staying
    .near(word, EDGE_MS)
    .some((segment) => segment.track.sid === lane.track.sid || isRedacted(segment));
}
