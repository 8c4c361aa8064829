import { z } from 'zod';

/** What the server says on the socket, in our words. Times are milliseconds from the connection's first audio. */
export type ServerMessage =
  | Transcript
  | { readonly type: 'speech_started'; readonly at: number | undefined }
  | { readonly type: 'speech_ended'; readonly at: number | undefined }
  | { readonly type: 'error'; readonly message: string; readonly requestId: string | undefined }
  | { readonly type: 'pong' }
  | { readonly type: 'unknown' };

export interface Transcript {
  readonly type: 'transcript';
  readonly text: string;
  readonly isFinal: boolean;
  readonly isLast: boolean;
  /** Undefined where the server does not say: older ones never do. */
  readonly fromFinalize: boolean | undefined;
  readonly speechFinal: boolean;
  readonly words: readonly WireWord[];
  readonly utterances: readonly WireUtterance[];
  readonly language: string | undefined;
  readonly languages: readonly string[];
  readonly redactedEntities: readonly string[];
}

export interface WireWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly confidence: number | undefined;
  readonly speaker: string | undefined;
}

export interface WireUtterance {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly speaker: string | undefined;
}

/** Longer than any connection lives: a time beyond it is none, and its milliseconds could not be written as JSON. */
export const LONGEST_S = 1e7;
const seconds = z
  .number()
  .min(-LONGEST_S)
  .max(LONGEST_S)
  .transform((value) => value * 1000);
/** An integer in streaming answers, `speaker_0` or an integer in batch answers. */
const speaker = z
  .union([z.number().int(), z.string()])
  .transform((value) => String(value).replace(/^speaker_/, ''));

const word = z
  .object({
    word: z.string(),
    start: seconds,
    end: seconds,
    confidence: z.number().optional().catch(undefined),
    speaker: speaker.optional().catch(undefined),
  })
  .transform((raw) => ({
    text: raw.word.trim(),
    start: raw.start,
    end: Math.max(raw.start, raw.end),
    confidence: raw.confidence,
    speaker: raw.speaker,
  }));

const utterance = z
  .object({
    text: z.string(),
    start: seconds,
    end: seconds,
    speaker: speaker.optional().catch(undefined),
  })
  .transform(({ text, start, end, speaker }) => ({ text, start, end, speaker }));

/** Ten minutes of fast speech in one message. What is longer is cut, so that no message holds up a process. */
const LONGEST_TEXT = 10_000;
const MOST_ENTRIES = 2500;

/** Keeps the entries that are well formed: one bad word must not cost the others. */
function listOf<T extends z.ZodType>(entry: T, most = MOST_ENTRIES): z.ZodType<z.output<T>[]> {
  return z
    .array(z.unknown())
    .catch([])
    .transform((raw) =>
      raw.slice(0, most).flatMap((value) => {
        const parsed = entry.safeParse(value);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

const flag = z.boolean().catch(false);

export const wireWords = listOf(word);
export const wireUtterances = listOf(utterance);

const transcription = z.object({
  transcript: z.string().optional().catch(undefined),
  transcription: z.string().optional().catch(undefined),
  is_final: flag.optional(),
  is_last: flag.optional(),
  from_finalize: z.boolean().optional().catch(undefined),
  speech_final: flag.optional(),
  words: wireWords.optional(),
  utterances: wireUtterances.optional(),
  language: z.string().min(1).optional().catch(undefined),
  languages: listOf(z.string()).optional(),
  redacted_entities: listOf(z.string()).optional(),
});

const speech = z.object({ timestamp: seconds.optional().catch(undefined) });

const failure = z.object({
  message: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  request_id: z.string().optional().catch(undefined),
});

/**
 * Never throws: what is not the API's is `unknown`, because new message types, extra fields and junk are things
 * that happen.
 */
export function parseServerMessage(data: string): ServerMessage {
  let raw: unknown;
  try {
    raw = JSON.parse(data);
  } catch {
    return { type: 'unknown' };
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { type: 'unknown' };
  const type = 'type' in raw ? raw.type : undefined;
  switch (type) {
    case 'transcription':
      return parseTranscript(raw);
    case 'speech_started':
    case 'speech_ended':
      return { type, at: speech.parse(raw).timestamp };
    case 'pong':
      return { type: 'pong' };
    case 'error':
      return parseError(raw);
    case undefined:
      if ('error' in raw) return parseError(raw);
      if ('transcript' in raw || 'transcription' in raw) return parseTranscript(raw);
      return { type: 'unknown' };
    default:
      return { type: 'unknown' };
  }
}

function parseTranscript(raw: object): Transcript {
  const message = transcription.parse(raw);
  return {
    type: 'transcript',
    text:
      [message.transcript, message.transcription].find(Boolean)?.trim().slice(0, LONGEST_TEXT) ??
      '',
    isFinal: message.is_final ?? false,
    isLast: message.is_last ?? false,
    fromFinalize: message.from_finalize,
    speechFinal: message.speech_final ?? false,
    words: (message.words ?? []).filter((entry) => entry.text !== ''),
    utterances: message.utterances ?? [],
    language: message.language,
    languages: message.languages ?? [],
    redactedEntities: message.redacted_entities ?? [],
  };
}

function parseError(raw: object): ServerMessage {
  const message = failure.parse(raw);
  return {
    type: 'error',
    message: message.message ?? message.error ?? '',
    requestId: message.request_id,
  };
}
