import { idOf, isCount, isNumber, languageOf, objectOf, parseObject, textOf } from './guards.js';

/** By which of the captioner's outputs something came: text streams, transcription events, data messages. */
export type CaptionVia = 'event' | 'stream' | 'data';

export interface CaptionSpeaker {
  /** Empty where LiveKit no longer tells who it was. */
  readonly identity: string;
  /** What to show. From strangers: pass it through `displayName`. */
  readonly label: string;
  /** Tells voices apart: the identity, and more where several people share a microphone. */
  readonly voice: string;
}

/** One state of one caption, from whichever output it came. */
export interface CaptionUpdate {
  readonly via: CaptionVia;
  readonly id: string;
  /** Grows with every change of the segment. */
  readonly rev: number;
  /** `rev` is the captioner's own count, the same in all outputs, and not one of the order of arrival. */
  readonly revShared: boolean;
  readonly final: boolean;
  readonly text: string;
  /** How many UTF-16 units at the beginning of `text` will not change any more. */
  readonly settled: number;
  /** A BCP 47 tag, if it looks like one. */
  readonly language: string | undefined;
  readonly speaker: CaptionSpeaker;
  /** Milliseconds on the room's one clock, where they are known. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** Unix milliseconds of that clock's zero, where it is known. */
  readonly epoch: number | undefined;
}

/** Reads a data message of the topic `captions`. What is not a caption gives `undefined`: readers must ignore it. */
export function parseCaptionMessage(payload: Uint8Array): CaptionUpdate | undefined {
  const message = parseObject(payload);
  if (message?.['v'] !== 1 || message['type'] !== 'caption') return undefined;
  const id = idOf(message['id']);
  const { rev, start, end, epoch } = message;
  const text = textOf(message['text']);
  const speaker = objectOf(message['speaker']);
  const identity = textOf(speaker?.['identity']);
  if (id === undefined || !isCount(rev) || text === undefined || identity === undefined) {
    return undefined;
  }
  const final = message['final'] === true;
  return {
    via: 'data',
    id,
    rev,
    revShared: true,
    final,
    text,
    settled: settledUnits(message['settled'], text, final),
    language: languageOf(message['language']),
    speaker: speakerOf(identity, textOf(speaker?.['name']), textOf(speaker?.['label'])),
    start: numberOf(start),
    end: numberOf(end),
    epoch: numberOf(epoch),
  };
}

export interface TranscriptionStream {
  readonly attributes: Readonly<Record<string, string>>;
  /** Of the speaker, in whose name the captioner sends. */
  readonly identity: string;
  /** The speaker's name, where they are in the room. */
  readonly name: string | undefined;
  readonly text: string;
  /** Its place among all that arrived: a later one wins where no revision tells. */
  readonly order: number;
}

/** Reads a text stream of LiveKit's topic `lk.transcription`, from our captioner or any other. */
export function parseTranscriptionStream(stream: TranscriptionStream): CaptionUpdate | undefined {
  const { attributes, identity, name } = stream;
  const id = idOf(attributes['lk.segment_id']);
  const text = textOf(stream.text);
  if (id === undefined || text === undefined) return undefined;
  const final = attributes['lk.transcription_final'] === 'true';
  const rev = numeral(attributes['captions.rev']);
  return {
    via: 'stream',
    id,
    rev: isCount(rev) ? rev : stream.order,
    revShared: isCount(rev),
    final,
    text,
    settled: settledUnits(undefined, text, final),
    language: languageOf(attributes['captions.language']),
    speaker: speakerOf(identity, name, textOf(attributes['captions.speaker'])),
    start: numeral(attributes['captions.start']),
    end: numeral(attributes['captions.end']),
    epoch: numeral(attributes['captions.epoch']),
  };
}

/** What `RoomEvent.TranscriptionReceived` gives, as far as it is used. */
export interface TranscriptionEvent {
  readonly id: string;
  readonly text: string;
  readonly final: boolean;
  readonly language: string;
  readonly startTime: number;
  readonly endTime: number;
}

/** Reads one segment of the event, which counts no revisions. Its speaker is unknown once they have left. */
export function parseTranscriptionEvent(
  segment: TranscriptionEvent,
  speaker: { readonly identity: string; readonly name?: string | undefined } | undefined,
  order: number,
): CaptionUpdate | undefined {
  const id = idOf(segment.id);
  const text = textOf(segment.text);
  if (id === undefined || text === undefined) return undefined;
  const { final } = segment;
  // Protobuf cannot leave a time out: both at zero is what those send who have none.
  const timed = isNumber(segment.endTime) && segment.endTime > 0;
  return {
    via: 'event',
    id,
    rev: order,
    revShared: false,
    final,
    text,
    settled: settledUnits(undefined, text, final),
    language: languageOf(segment.language),
    speaker: speakerOf(speaker?.identity ?? '', speaker?.name, undefined),
    start: timed ? numberOf(segment.startTime) : undefined,
    end: timed ? segment.endTime : undefined,
    epoch: undefined,
  };
}

function speakerOf(
  identity: string,
  name: string | undefined,
  given: string | undefined,
): CaptionSpeaker {
  const label = given || name || identity;
  const plain = label === name || label === identity;
  return { identity, label, voice: plain ? identity : `${identity}\n${label}` };
}

/** All of a final is settled, and nothing of an interim that does not say. No character is cut in two. */
export function settledUnits(given: unknown, text: string, final: boolean): number {
  if (final) return text.length;
  if (!isCount(given)) return 0;
  const cut = Math.min(given, text.length);
  return /[\ud800-\udbff]/.test(text.charAt(cut - 1)) && cut < text.length ? cut - 1 : cut;
}

function numberOf(value: unknown): number | undefined {
  return isNumber(value) ? value : undefined;
}

function numeral(value: string | undefined): number | undefined {
  return value === undefined || value === '' ? undefined : numberOf(Number(value));
}
