import { z } from 'zod';
import type { Caption } from '../captions/caption.js';

const v = z.literal(1);
/** Milliseconds on the clock of the room, whose zero is the `epoch` of the `room` record. */
const time = z.number();
const person = { identity: z.string(), name: z.string() };

const room = z.object({
  v,
  type: z.literal('room'),
  sid: z.string(),
  name: z.string(),
  /** Unix milliseconds. */
  epoch: time,
});

const segment = z.object({
  v,
  type: z.literal('segment'),
  id: z.string().min(1),
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
const closed = z.object({ v, type: z.literal('closed'), at: time });

/** One line of a journal. A journal begins with `room` and, unless it was cut off, ends with `closed`. */
export const journalRecord = z.discriminatedUnion('type', [
  room,
  segment,
  joined,
  left,
  optedOut,
  optedIn,
  closed,
]);

export type JournalRecord = z.infer<typeof journalRecord>;
export type RoomRecord = z.infer<typeof room>;
export type SegmentRecord = z.infer<typeof segment>;

/** @returns undefined for what is no record of this version: cut off, damaged, or of a later one */
export function parseRecord(line: string): JournalRecord | undefined {
  try {
    return journalRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

export function segmentRecord(caption: Caption): SegmentRecord {
  const { id, text, language, speaker, track, start, end, words } = caption;
  return {
    v: 1,
    type: 'segment',
    id,
    text,
    language,
    speaker: { identity: speaker.identity, name: speaker.name, label: speaker.label },
    track: { sid: track.sid, source: track.source },
    start,
    end,
    ...(words ? { words: words.map((word) => ({ ...word })) } : {}),
  };
}
