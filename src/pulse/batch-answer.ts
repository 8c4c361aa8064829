import { z } from 'zod';
import { PulseError } from './errors.js';
import type { Utterance, Word } from './events.js';
import { LONGEST_S, wireUtterances, wireWords, type WireWord } from './messages.js';

export type BatchResult =
  BatchTranscript | { readonly type: 'processing'; readonly requestId: string | undefined };

/** Times in milliseconds from the beginning of the audio. */
export interface BatchTranscript {
  readonly type: 'transcript';
  readonly text: string;
  readonly words: readonly Word[];
  readonly utterances: readonly Utterance[];
  readonly language: string | undefined;
  readonly durationMs: number | undefined;
  readonly requestId: string | undefined;
  /** The whole answer, for fields that the API adds: gender, emotions, metadata. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const answer = z.looseObject({
  status: z.string().optional(),
  transcription: z.string().optional(),
  transcript: z.string().optional(),
  words: wireWords.optional(),
  utterances: wireUtterances.optional(),
  language: z.string().optional().catch(undefined),
  request_id: z.string().optional().catch(undefined),
  metadata: z
    .looseObject({ duration: z.number().min(0).max(LONGEST_S).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/**
 * @param text what the batch API has answered with 200
 * @param requestId what its headers say, where the answer itself does not
 * @throws PulseError `protocol` where it is none of the API's
 */
export function parseBatchAnswer(text: string, requestId: string | undefined): BatchResult {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new PulseError('protocol', "Pulse's answer is not JSON: check SMALLEST_BASE_URL.", {
      cause,
    });
  }
  const parsed = answer.safeParse(raw);
  if (!parsed.success) {
    throw new PulseError(
      'protocol',
      "Pulse's answer is not a transcript: check SMALLEST_BASE_URL.",
      {
        cause: parsed.error,
      },
    );
  }
  const { data } = parsed;
  const id = data.request_id ?? requestId;
  if (data.status === 'processing') return { type: 'processing', requestId: id };
  const duration = data.metadata?.duration;
  return {
    type: 'transcript',
    text: data.transcription ?? data.transcript ?? '',
    words: (data.words ?? []).map(toWord),
    utterances: (data.utterances ?? []).map(({ text, start, end, speaker }) => ({
      text,
      start,
      end,
      ...(speaker === undefined ? {} : { speaker }),
    })),
    language: data.language,
    durationMs: duration === undefined ? undefined : duration * 1000,
    requestId: id,
    raw: data,
  };
}

function toWord({ text, start, end, confidence, speaker }: WireWord): Word {
  return {
    text,
    start,
    end,
    ...(confidence === undefined ? {} : { confidence }),
    ...(speaker === undefined ? {} : { speaker }),
  };
}
