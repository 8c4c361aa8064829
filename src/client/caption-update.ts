import { idOf, isCount, languageOf, numberOf, objectOf, parseJson, textOf } from './guards.js';

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

/** Bytes: several times what LiveKit lets through in one. */
const LONGEST_MESSAGE = 65_536;

/** Reads a data message of the topic `captions`. What is not a caption gives `undefined`: readers must ignore it. */
export function parseCaptionMessage(payload: Uint8Array): CaptionUpdate | undefined {
  if (payload.length > LONGEST_MESSAGE) return undefined;
  return readCaption(parseJson(new TextDecoder().decode(payload)));
}

/** The same once it is no longer JSON. */
export function readCaption(given: unknown): CaptionUpdate | undefined {
  const message = objectOf(given);
  const { identity, name, label } = objectOf(message?.['speaker']) ?? {};
  const { v, type, rev } = message ?? {};
  if (v !== 1 || type !== 'caption' || !isCount(rev)) return undefined;
  return checked({ ...message, via: 'data', identity, name, label });
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
  const { attributes } = stream;
  const own = (name: string): string | undefined => attributes[`captions.${name}`];
  return checked({
    ...stream,
    via: 'stream',
    id: attributes['lk.segment_id'],
    final: attributes['lk.transcription_final'] === 'true',
    rev: numeral(own('rev')),
    language: own('language'),
    label: own('speaker'),
    start: numeral(own('start')),
    end: numeral(own('end')),
    epoch: numeral(own('epoch')),
  });
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
  const { id, text, final, language, startTime, endTime } = segment;
  // Protobuf cannot leave a time out: both at zero is what those send who have none.
  const times = (numberOf(endTime) ?? 0) > 0 ? { start: startTime, end: endTime } : {};
  const { identity = '', name } = speaker ?? {};
  return checked({ via: 'event', order, id, text, final, language, identity, name, ...times });
}

/** What an output gave, of which nothing is sure but where it came from. */
interface Given extends Partial<Record<keyof CaptionUpdate, unknown>> {
  readonly via: CaptionVia;
  readonly order?: number;
  readonly identity: unknown;
  readonly name?: unknown;
  readonly label?: unknown;
}

/** @returns undefined for what cannot be shown; what is only odd is left out */
function checked(given: Given): CaptionUpdate | undefined {
  const { via, rev, order = 0 } = given;
  const id = idOf(given.id);
  const text = textOf(given.text);
  const identity = textOf(given.identity);
  if (id === undefined || text === undefined || identity === undefined) return undefined;
  const final = given.final === true;
  const revShared = isCount(rev);
  const name = textOf(given.name);
  const label = textOf(given.label) || name || identity;
  const plain = label === name || label === identity;
  return {
    via,
    id,
    rev: revShared ? rev : order,
    revShared,
    final,
    text,
    settled: settledUnits(given.settled, text, final),
    language: languageOf(given.language),
    speaker: { identity, label, voice: plain ? identity : `${identity}\n${label}` },
    start: numberOf(given.start),
    end: numberOf(given.end),
    epoch: numberOf(given.epoch),
  };
}

/** All of a final is settled, and nothing of an interim that does not say. No character is cut in two. */
export function settledUnits(given: unknown, text: string, final: boolean): number {
  if (final) return text.length;
  if (!isCount(given)) return 0;
  const cut = Math.min(given, text.length);
  return /[\ud800-\udbff]/.test(text.charAt(cut - 1)) && cut < text.length ? cut - 1 : cut;
}

function numeral(value: string | undefined): number | undefined {
  return value ? Number(value) : undefined;
}
