import { withoutDoubles, type Said } from './doubles.js';
import { peopleOf } from './people.js';
import { type JournalRecord, type SegmentRecord, timeOf } from './records.js';
import type { Gap, Part, Transcript } from './transcript.js';

/** One journal, read. */
export interface JournalPart extends Pick<Part, 'journal' | 'sid' | 'epoch' | 'damagedLines'> {
  /** As they were written, on the part's own clock. */
  readonly records: readonly JournalRecord[];
}

/** A part, and what to add to its times to have them on the clock of the whole. */
export interface PlacedPart extends JournalPart {
  readonly shift: number;
}

/**
 * One transcript from the parts that captioners of a call have written: on the clock of the first, in the order of
 * time, each thing once. Who does not want to be captioned is in it with nothing said after that, and not at all
 * where there is nothing before.
 * @param journals at least one, in any order
 */
export function mergeParts(journals: readonly JournalPart[]): Transcript {
  const parts = placeParts(journals);
  const { people, captioned } = peopleOf(parts);
  const segments = withoutDoubles(parts.flatMap(segmentsOf))
    .map(({ segment }) => segment)
    .filter(({ speaker, start }) => captioned(speaker.identity, start))
    .sort((one, other) => one.start - other.start || one.end - other.end);
  const speakers = new Set(segments.map(({ speaker }) => speaker.identity));
  const present = people.filter(({ identity, optedOut }) => !optedOut || speakers.has(identity));
  const known = new Set(present.map(({ identity }) => identity));
  const hidden = people.filter(({ identity }) => !known.has(identity));
  const placed = parts.map(describe);
  return {
    room: { name: nameOf(parts), sids: [...new Set(parts.flatMap(sidsOf))] },
    epoch: parts[0]?.epoch ?? 0,
    end: placed.reduce((most, { to }) => Math.max(most, to), 0),
    segments,
    people: present,
    gaps: gapsOf(parts).filter((gap) => !hidden.some(({ identity }) => identity === gap.identity)),
    parts: placed,
  };
}

/** The parts by their beginnings, on the clock of the first. */
export function placeParts(journals: readonly JournalPart[]): PlacedPart[] {
  const epoch = journals.reduce((least, part) => Math.min(least, part.epoch), Infinity);
  return journals
    .map((part) => ({ ...part, shift: part.epoch - epoch }))
    .sort((one, other) => one.shift - other.shift);
}

function segmentsOf({ journal, records, shift }: PlacedPart): Said[] {
  const latest = new Map<string, SegmentRecord>();
  for (const record of records) {
    if (record.type !== 'segment') continue;
    const known = latest.get(record.id);
    if (!known || record.rev >= known.rev) latest.set(record.id, record);
  }
  return Array.from(latest.values(), (segment) => ({ journal, segment: shifted(segment, shift) }));
}

function shifted(segment: SegmentRecord, by: number): SegmentRecord {
  if (by === 0) return segment;
  const words = segment.words?.map((word) => ({
    ...word,
    start: word.start + by,
    end: word.end + by,
  }));
  const times = { start: segment.start + by, end: segment.end + by };
  return { ...segment, ...times, ...(words && { words }) };
}

function gapsOf(parts: readonly PlacedPart[]): Gap[] {
  return parts
    .flatMap(({ records, shift }) =>
      records.flatMap((record) => {
        if (record.type !== 'gap') return [];
        const { track, identity, start, end } = record;
        return [{ track, identity, start: start + shift, end: end + shift }];
      }),
    )
    .sort((one, other) => one.start - other.start);
}

function describe({ journal, sid, epoch, damagedLines, records, shift }: PlacedPart): Part {
  const closed = records.findLast((record) => record.type === 'closed');
  const last = records.reduce((most, record) => Math.max(most, timeOf(record)), 0);
  return {
    journal,
    sid,
    epoch,
    from: shift,
    to: shift + last,
    complete: closed !== undefined,
    ...(closed?.usage && { usage: closed.usage }),
    damagedLines,
  };
}

function sidsOf({ sid, records }: PlacedPart): string[] {
  return [sid, ...records.flatMap((record) => (record.type === 'room' ? [record.sid] : []))].filter(
    Boolean,
  );
}

function nameOf(parts: readonly PlacedPart[]): string {
  for (const { records } of parts) {
    for (const record of records) if (record.type === 'room' && record.name) return record.name;
  }
  return '';
}
