import { z } from 'zod';
import type { Caption } from './caption.js';

/** The data packets' topic. */
export const CAPTIONS_TOPIC = 'captions';
/** Bytes that a message never exceeds: LiveKit takes 15 kB in one reliable packet. */
export const MAX_MESSAGE_BYTES = 15_000;

const time = z.number();

const word = z.object({
  text: z.string(),
  /** Milliseconds on the room's one clock, as all times here. */
  start: time,
  end: time,
  /** 0 to 1. */
  confidence: z.number().optional(),
});

/** A data message of version 1: one state of one caption. Fields that it does not name are dropped. */
export const captionMessage = z.object({
  v: z.literal(1),
  type: z.literal('caption'),
  /** Of the segment: unique in the room, the same for its whole life. */
  id: z.string().min(1),
  /** Grows by one with every change. */
  rev: z.int().nonnegative(),
  /** Nothing follows for this id. A final without text takes the caption away. */
  final: z.boolean(),
  text: z.string(),
  /** How many UTF-16 units at the beginning of `text` will not change any more. */
  settled: z.int().nonnegative().optional(),
  /** A language code. */
  language: z.string(),
  speaker: z.object({
    identity: z.string(),
    name: z.string(),
    /** What to show. */
    label: z.string(),
  }),
  track: z.object({
    sid: z.string(),
    source: z.enum(['microphone', 'screen_share_audio', 'unknown']).catch('unknown'),
  }),
  start: time,
  end: time,
  /** Unix milliseconds of the room clock's zero. */
  epoch: time,
  /** On finals, unless the message would be too long. */
  words: z.array(word).optional().catch(undefined),
});

export type CaptionMessage = z.infer<typeof captionMessage>;
export type CaptionWord = z.infer<typeof word>;

const encoder = new TextEncoder();

export function toMessage(caption: Caption): CaptionMessage {
  const { id, rev, final, text, settled, language, speaker, track, start, end, epoch } = caption;
  const words = caption.words?.map(({ text, start, end, confidence }) => ({
    text,
    start,
    end,
    ...(confidence === undefined ? {} : { confidence }),
  }));
  return {
    v: 1,
    type: 'caption',
    id,
    rev,
    final,
    text,
    settled,
    language,
    speaker: { identity: speaker.identity, name: speaker.name, label: speaker.label },
    track: { sid: track.sid, source: track.source },
    start,
    end,
    epoch,
    ...(words ? { words } : {}),
  };
}

/**
 * UTF-8 JSON of at most `MAX_MESSAGE_BYTES`. From a longer one the words go first, then the end of the text,
 * then the end of the speaker's name and label.
 */
export function encodeMessage(caption: Caption): Uint8Array<ArrayBuffer> {
  const { words, ...message } = toMessage(caption);
  const whole = encode(words ? { ...message, words } : message);
  if (whole.length <= MAX_MESSAGE_BYTES) return whole;
  const wordless = encode(message);
  if (wordless.length <= MAX_MESSAGE_BYTES) return wordless;

  const spare = MAX_MESSAGE_BYTES - encode({ ...message, text: '', speaker: NOBODY }).length;
  // A third is enough for any name that LiveKit lets through; what a hostile one leaves is the text's.
  const name = shorten(message.speaker.name, spare / 6);
  const label = shorten(message.speaker.label, spare / 6);
  const { identity } = message.speaker;
  const left = spare - jsonLength(identity) - jsonLength(name) - jsonLength(label);
  const text = shorten(message.text, left);
  const settled = Math.min(caption.settled, text.length);
  return encode({ ...message, text, settled, speaker: { identity, name, label } });
}

/** @returns undefined for what is no caption of version 1: other types, later versions, what is malformed or too long */
export function decodeMessage(data: Uint8Array | string): CaptionMessage | undefined {
  if (data.length > MAX_MESSAGE_BYTES) return undefined;
  try {
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
    return captionMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const NOBODY = { identity: '', name: '', label: '' };

function encode(message: CaptionMessage): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(message));
}

/** Bytes of the text within JSON's quotes. */
function jsonLength(text: string): number {
  return encoder.encode(JSON.stringify(text)).length - 2;
}

/** The longest beginning within that many bytes that tears no character apart, as people see characters. */
function shorten(text: string, bytes: number): string {
  let room = bytes;
  let kept = 0;
  for (const { segment } of new Intl.Segmenter(undefined, {
    granularity: 'grapheme',
  }).segment(text)) {
    room -= jsonLength(segment);
    if (room < 0) break;
    kept += segment.length;
  }
  return text.slice(0, kept);
}
