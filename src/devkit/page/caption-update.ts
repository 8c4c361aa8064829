/**
 * One state of one caption, from whichever output of the captioner it came.
 * Pure: nothing of LiveKit or the browser.
 */
export interface CaptionUpdate {
  /** Data messages say more than text streams, so they win. */
  readonly via: 'data' | 'stream';
  readonly id: string;
  /** Grows with every change of this segment. */
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
  /** When it began, in Unix milliseconds, where that is known. */
  readonly at: number | undefined;
}

export interface CaptionSpeaker {
  readonly identity: string;
  /** What to show. */
  readonly label: string;
  /** Tells voices apart: the identity, and more where several people share a microphone. */
  readonly voice: string;
}

/** What is longer is cut: no caption is, and a page must not choke on one. */
const LONGEST_TEXT = 5000;
const LONGEST_ID = 200;

type Fields = Readonly<Record<string, unknown>>;

/** Reads a data message of the topic `captions`. What is not a caption gives `undefined`, as readers must ignore it. */
export function parseCaptionMessage(payload: Uint8Array): CaptionUpdate | undefined {
  const message = parseObject(payload);
  if (message?.['v'] !== 1 || message['type'] !== 'caption') return undefined;
  const id = idOf(message['id']);
  const rev = message['rev'];
  const text = textOf(message['text']);
  const speaker = objectOf(message['speaker']);
  const identity = textOf(speaker?.['identity']);
  if (id === undefined || !isCount(rev) || text === undefined || identity === undefined) {
    return undefined;
  }
  const final = message['final'] === true;
  const { start, epoch } = message;
  const name = textOf(speaker?.['name']);
  return {
    via: 'data',
    id,
    rev,
    revShared: true,
    final,
    text,
    settled: settledUnits(message['settled'], text, final),
    language: languageOf(message['language']),
    speaker: speakerOf(identity, name, textOf(speaker?.['label'])),
    at: isNumber(start) && isNumber(epoch) ? epoch + start : undefined,
  };
}

export interface TranscriptionStream {
  readonly attributes: Readonly<Record<string, string>>;
  readonly identity: string;
  /** The speaker's name, where they are in the room. */
  readonly name: string | undefined;
  readonly text: string;
  /** Its place among all streams: a later one wins where no revision tells. */
  readonly order: number;
}

/** Reads a text stream of LiveKit's topic `lk.transcription`, from our captioner or any other. */
export function parseTranscriptionStream(stream: TranscriptionStream): CaptionUpdate | undefined {
  const { attributes, identity, name } = stream;
  const id = idOf(attributes['lk.segment_id']);
  const text = textOf(stream.text);
  if (id === undefined || text === undefined) return undefined;
  const final = attributes['lk.transcription_final'] === 'true';
  const rev = Number(attributes['captions.rev'] ?? NaN);
  return {
    via: 'stream',
    id,
    rev: isCount(rev) ? rev : stream.order,
    revShared: isCount(rev),
    final,
    text,
    settled: settledUnits(undefined, text, final),
    language: languageOf(attributes['captions.language']),
    speaker: speakerOf(identity, name, attributes['captions.speaker']),
    at: undefined,
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
function settledUnits(given: unknown, text: string, final: boolean): number {
  if (final) return text.length;
  if (!isCount(given)) return 0;
  const cut = Math.min(given, text.length);
  return /[\ud800-\udbff]/.test(text.charAt(cut - 1)) && cut < text.length ? cut - 1 : cut;
}

function parseObject(payload: Uint8Array): Fields | undefined {
  try {
    return objectOf(JSON.parse(new TextDecoder().decode(payload)) as unknown);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_ID
    ? value
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : undefined;
}

function languageOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}$/i.test(value)
    ? value
    : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
