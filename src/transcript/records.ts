import { z } from 'zod';
import type { Caption } from '../captions/caption.js';

const v = z.literal(1);
/** Milliseconds on the clock of the journal, whose zero is the `epoch` of its `room` record. */
const time = z.number();
const person = { identity: z.string(), name: z.string() };

const room = z.object({
  v,
  type: z.literal('room'),
  sid: z.string(),
  name: z.string(),
  /** Unix milliseconds. The same in every such record of a journal. */
  epoch: time,
});

const segment = z.object({
  v,
  type: z.literal('segment'),
  id: z.string().min(1),
  /** Of two records with the same id the one with the higher revision holds. */
  rev: z.int().nonnegative().default(0),
  text: z.string(),
  language: z.string(),
  speaker: z.object({ ...person, label: z.string() }),
  track: z.object({ sid: z.string(), source: z.string() }),
  start: time,
  end: time,
  words: z
    .array(
      z.object({
        text: z.string(),
        start: time,
        end: time,
        confidence: z.number().optional(),
        speaker: z.string().optional(),
      }),
    )
    .optional()
    .catch(undefined),
});

const joined = z.object({ v, type: z.literal('joined'), at: time, ...person });
const left = z.object({ v, type: z.literal('left'), at: time, ...person });
/** From here on the person is not captioned. */
const optedOut = z.object({ v, type: z.literal('opted_out'), at: time, ...person });
/** From here on the person is captioned again. */
const optedIn = z.object({ v, type: z.literal('opted_in'), at: time, ...person });
/** From here on the person is heard in this language: a code, or `auto`. */
const language = z.object({
  v,
  type: z.literal('language'),
  at: time,
  ...person,
  language: z.string(),
});
/** Audio that was lost before it could be recognised. */
const gap = z.object({
  v,
  type: z.literal('gap'),
  track: z.string(),
  identity: z.string(),
  start: time,
  end: time,
});
/** How the captions are from here on; values as in the attributes `captions.state` and `captions.reason`. */
const state = z.object({
  v,
  type: z.literal('state'),
  at: time,
  state: z.string(),
  reason: z.string(),
});
const amounts = { audioMs: time, speechMs: time, price: z.number() };
/** What the captions of the room cost; see `RoomUsageSummary`. */
export const usageRecord = z.object({
  ...amounts,
  tracks: z.array(z.object({ track: z.string(), ...amounts })),
  languages: z.record(z.string(), z.object(amounts)),
});
const closed = z.object({
  v,
  type: z.literal('closed'),
  at: time,
  usage: usageRecord.optional().catch(undefined),
});

/**
 * One line of a journal. A journal begins with `room` and, unless it was cut off, ends with `closed`. Another `room`
 * in between tells that the room goes on under another sid.
 */
export const journalRecord = z.discriminatedUnion('type', [
  room,
  segment,
  joined,
  left,
  optedOut,
  optedIn,
  language,
  gap,
  state,
  closed,
]);

export type JournalRecord = z.infer<typeof journalRecord>;
export type RoomRecord = z.infer<typeof room>;
export type SegmentRecord = z.infer<typeof segment>;
export type ClosedRecord = z.infer<typeof closed>;

/** @returns undefined for what is no record of this version: cut off, damaged, or of a later one */
export function parseRecord(line: string): JournalRecord | undefined {
  try {
    return journalRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

export function segmentRecord(caption: Caption): SegmentRecord {
  const { id, rev, text, language, speaker, track, start, end, words } = caption;
  return {
    v: 1,
    type: 'segment',
    id,
    rev,
    text,
    language,
    speaker: { identity: speaker.identity, name: speaker.name, label: speaker.label },
    track: { sid: track.sid, source: track.source },
    start,
    end,
    ...(words ? { words: words.map((word) => ({ ...word })) } : {}),
  };
}

/** The person whom a record is about; undefined where it is about nobody. */
export function identityOf(record: JournalRecord): string | undefined {
  switch (record.type) {
    case 'segment':
      return record.speaker.identity;
    case 'joined':
    case 'left':
    case 'opted_out':
    case 'opted_in':
    case 'language':
    case 'gap':
      return record.identity;
    case 'room':
    case 'state':
    case 'closed':
      return undefined;
  }
}

/** The last moment that a record tells of, on its journal's clock. */
export function timeOf(record: JournalRecord): number {
  switch (record.type) {
    case 'room':
      return 0;
    case 'segment':
    case 'gap':
      return record.end;
    case 'joined':
    case 'left':
    case 'opted_out':
    case 'opted_in':
    case 'language':
    case 'state':
    case 'closed':
      return record.at;
  }
}
