/** Between our types and those of the framework. */
import {
  APIConnectionError,
  APIStatusError,
  normalizeLanguage,
  voice,
  type stt,
} from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { PulseError } from './errors.js';
import type { FinalTranscript, InterimTranscript } from './events.js';

export function speechData(event: InterimTranscript | FinalTranscript): stt.SpeechData {
  const final = event.type === 'final' ? event : undefined;
  const metadata = {
    ...(final?.utterances && { utterances: final.utterances }),
    ...(final?.redactedEntities && { redactedEntities: final.redactedEntities }),
    ...(final?.continuesWord && { continuesWord: true }),
  };
  return {
    text: event.text,
    language: normalizeLanguage(event.language ?? ''),
    startTime: event.start / 1000,
    endTime: event.end / 1000,
    confidence: final?.confidence ?? 0,
    words: event.words.map((word) =>
      voice.createTimedString({
        text: word.text,
        startTime: word.start / 1000,
        endTime: word.end / 1000,
        ...(word.confidence === undefined ? {} : { confidence: word.confidence }),
      }),
    ),
    ...(final?.speaker === undefined ? {} : { speakerId: final.speaker }),
    ...(final?.languages && { sourceLanguages: final.languages.map(normalizeLanguage) }),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

/** Never retryable for the framework: a stream has mended what can be mended. */
export function toApiError(error: unknown): Error {
  if (!(error instanceof PulseError))
    return error instanceof Error ? error : new Error(String(error));
  const options = { retryable: false, requestId: error.requestId ?? null };
  const { status, message } = error;
  const mapped =
    status !== undefined && status >= 400 && status < 600
      ? new APIStatusError({ message, options: { ...options, statusCode: status } })
      : new APIConnectionError({ message, options });
  mapped.cause = error;
  return mapped;
}

export function toMono(frame: AudioFrame): Int16Array {
  const { channels, data, samplesPerChannel } = frame;
  if (channels === 1) return data;
  return Int16Array.from({ length: samplesPerChannel }, (_, index) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += data[index * channels + channel] ?? 0;
    return sum / channels;
  });
}
