import type { SegmentRecord } from './records.js';

/** A segment, and the journal that has it. */
export interface Said {
  readonly journal: string;
  readonly segment: SegmentRecord;
}

/** How far apart two captioners may time the same word: their clocks are those of two machines. */
const SAME_TIME_MS = 1000;

/**
 * Leaves out what several journals have: the same segment, of which the latest revision stays, and what two captioners
 * heard of one track at the same time, cut into different segments perhaps: a segment goes if each of its words is
 * also in one segment of another journal, on the same track, at the same time.
 */
export function withoutDoubles(said: readonly Said[]): Said[] {
  const byId = new Map<string, Said>();
  for (const one of said) {
    const known = byId.get(one.segment.id);
    if (!known || one.segment.rev > known.segment.rev) byId.set(one.segment.id, one);
  }
  const all = [...byId.values()];
  if (new Set(all.map(({ journal }) => journal)).size < 2) return all;

  const dropped = new Set<Said>();
  for (const track of byTrack(all)) {
    track.sort((one, other) => one.segment.start - other.segment.start);
    for (const [index, one] of track.entries()) {
      for (const other of track.slice(index + 1)) {
        if (other.segment.start > one.segment.end + SAME_TIME_MS) break;
        if (one.journal === other.journal || dropped.has(one) || dropped.has(other)) continue;
        if (isIn(other.segment, one.segment)) dropped.add(other);
        else if (isIn(one.segment, other.segment)) dropped.add(one);
      }
    }
  }
  return all.filter((one) => !dropped.has(one));
}

function isIn(segment: SegmentRecord, other: SegmentRecord): boolean {
  if (!segment.words?.length || !other.words?.length) {
    return plain(segment.text) === plain(other.text) && sameTime(segment.start, other.start);
  }
  let from = 0;
  for (const word of segment.words) {
    const found = other.words.findIndex(
      ({ text, start }, index) =>
        index >= from && plain(text) === plain(word.text) && sameTime(start, word.start),
    );
    if (found < 0) return false;
    from = found + 1;
  }
  return true;
}

function sameTime(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME_TIME_MS;
}

/** Two recognitions of a word may differ in how they write it. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\p{P}\s]+/gu, ' ')
    .trim();
}

function byTrack(said: readonly Said[]): Iterable<Said[]> {
  const tracks = new Map<string, Said[]>();
  for (const one of said) {
    const track = tracks.get(one.segment.track.sid);
    if (track) track.push(one);
    else tracks.set(one.segment.track.sid, [one]);
  }
  return tracks.values();
}
