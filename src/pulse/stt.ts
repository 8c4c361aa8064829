import {
  APIError,
  mergeFrames,
  stt,
  type APIConnectOptions,
  type AudioBuffer,
} from '@livekit/agents';
import { transcribe } from './batch.js';
import { speechData, toApiError, toMono } from './framework.js';
import { checkOptions, type PulseRecognition, type PulseStreamOptions } from './options.js';
import { SpeechStream } from './speech-stream.js';
import { encodeWav } from './wav.js';

/** As `PulseStreamOptions`; the key may come from `SMALLEST_API_KEY`, and voice events are on unless switched off. */
export type STTOptions = Omit<PulseStreamOptions, 'apiKey'> & { readonly apiKey?: string };

/**
 * Pulse for the framework: `new AgentSession({ stt: new STT() })`, or a stream of its own. Streams mend broken
 * connections themselves (see `PulseStream`); the framework's retries have nothing to do.
 */
export class STT extends stt.STT {
  readonly label = 'smallestai.pulse.STT';
  #options: PulseStreamOptions;
  readonly #streams = new Set<SpeechStream>();

  /** @throws PulseError `bad_options` that lists everything that is wrong, a missing key included. */
  constructor(options: STTOptions = {}) {
    super({
      streaming: true,
      interimResults: true,
      alignedTranscript: options.wordTimestamps === false ? false : 'word',
      diarization: options.diarize === true,
    });
    const apiKey = options.apiKey ?? process.env['SMALLEST_API_KEY'] ?? '';
    this.#options = { vadEvents: true, ...options, apiKey };
    checkOptions(this.#options);
  }

  override get model(): string {
    return 'pulse';
  }

  override get provider(): string {
    return 'smallest.ai';
  }

  override stream(options: { connOptions?: APIConnectOptions } = {}): SpeechStream {
    const timeoutMs = options.connOptions?.timeoutMs;
    const streamOptions = {
      ...this.#options,
      ...(timeoutMs === undefined ? {} : { connectTimeoutMs: timeoutMs }),
    };
    const stream = new SpeechStream(this, streamOptions, options.connOptions, () => {
      this.#streams.delete(stream);
    });
    this.#streams.add(stream);
    return stream;
  }

  /** For streams to come and, at their next pause, for those that run. @throws PulseError `bad_options`. */
  updateOptions(changes: Omit<PulseRecognition, 'sampleRate' | 'encoding' | 'vadEvents'>): void {
    const options = { ...this.#options, ...changes };
    checkOptions(options, this.#options);
    this.#options = options;
    for (const stream of this.#streams) stream.updateOptions(changes);
  }

  protected override async _recognize(
    buffer: AudioBuffer,
    abortSignal?: AbortSignal,
  ): Promise<stt.SpeechEvent> {
    const frame = mergeFrames(buffer);
    const { apiKey, baseUrl, language, diarize, redactPii, redactPci } = this.#options;
    const result = await transcribe(
      { bytes: encodeWav(toMono(frame), frame.sampleRate) },
      {
        apiKey,
        ...(baseUrl === undefined ? {} : { baseUrl }),
        ...(language === undefined ? {} : { language }),
        ...(diarize === undefined ? {} : { diarize }),
        ...(redactPii === undefined ? {} : { redactPii }),
        ...(redactPci === undefined ? {} : { redactPci }),
      },
      abortSignal ? { signal: abortSignal } : {},
    ).catch((error: unknown) => {
      throw toApiError(error);
    });
    if (result.type === 'processing') throw new APIError('Pulse took the job without an answer.');
    return {
      type: stt.SpeechEventType.FINAL_TRANSCRIPT,
      ...(result.requestId === undefined ? {} : { requestId: result.requestId }),
      alternatives: [
        speechData({
          type: 'final',
          text: result.text,
          start: result.words[0]?.start ?? 0,
          end: result.words.at(-1)?.end ?? result.durationMs ?? 0,
          words: result.words,
          language: result.language ?? language ?? 'en',
          utterances: result.utterances,
          continuesWord: false,
          endOfTurn: true,
        }),
      ],
    };
  }
}
