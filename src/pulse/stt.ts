import {
  APIConnectionError,
  APIError,
  APIStatusError,
  log,
  mergeFrames,
  normalizeLanguage,
  stt,
  voice,
  type APIConnectOptions,
  type AudioBuffer,
} from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { transcribe } from './batch.js';
import { PulseError } from './errors.js';
import type { FinalTranscript, InterimTranscript, PulseEvent } from './events.js';
import {
  checkOptions,
  sampleRateOf,
  type PulseRecognition,
  type PulseStreamOptions,
} from './options.js';
import { PulseStream } from './stream.js';
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

/** Audio frames in, speech events out; made by `STT.stream`. */
export class SpeechStream extends stt.SpeechStream {
  readonly label = 'smallestai.pulse.SpeechStream';
  readonly #options: PulseStreamOptions;
  readonly #onDone: () => void;
  readonly #finals: string[] = [];
  #pulse: PulseStream | undefined;

  constructor(
    owner: STT,
    options: PulseStreamOptions,
    connOptions: APIConnectOptions | undefined,
    onDone: () => void,
  ) {
    super(owner, sampleRateOf(options), connOptions);
    this.#options = options;
    this.#onDone = onDone;
  }

  /** Takes effect at the next pause. @throws PulseError `bad_options`. */
  updateOptions(changes: Omit<PulseRecognition, 'sampleRate' | 'encoding' | 'vadEvents'>): void {
    this.#pulse?.updateOptions(changes);
  }

  /** The framework's resampler knows one channel only. */
  override pushFrame(frame: AudioFrame): void {
    const { channels, sampleRate, samplesPerChannel } = frame;
    super.pushFrame(
      channels === 1 ? frame : new AudioFrame(toMono(frame), sampleRate, 1, samplesPerChannel),
    );
  }

  /** The resampler keeps the last few milliseconds back: they may be the end of a word. */
  override endInput(): void {
    if (!this.input.closed && !this.closed) {
      for (const frame of this.resampler?.flush() ?? []) this.input.put(frame);
    }
    super.endInput();
  }

  protected override async run(): Promise<void> {
    let failure: PulseError | undefined;
    let stopPumping: (() => void) | undefined;
    const stopped = new Promise<void>((resolve) => {
      stopPumping = resolve;
    });
    const pulse = new PulseStream(this.#options, {
      onEvent: (event) => {
        if (event.type === 'connection' && event.state === 'failed') {
          failure = event.error instanceof PulseError ? event.error : undefined;
          stopPumping?.();
        }
        this.#emit(event);
      },
    });
    this.#pulse = pulse;
    const drop = (): void => {
      pulse.close();
      stopPumping?.();
    };
    this.abortSignal.addEventListener('abort', drop, { once: true });
    if (this.abortSignal.aborted) drop();
    try {
      await Promise.race([this.#pump(pulse), stopped]);
      await pulse.end();
      if (failure) throw toApiError(failure);
    } finally {
      this.abortSignal.removeEventListener('abort', drop);
      pulse.close();
      this.#pulse = undefined;
      this.#onDone();
    }
  }

  async #pump(pulse: PulseStream): Promise<void> {
    let samplesBefore = 0;
    const rate = sampleRateOf(this.#options);
    for await (const item of this.input) {
      if (typeof item === 'symbol') {
        pulse.flush();
        continue;
      }
      if (item.samplesPerChannel === 0) continue;
      pulse.push(item.data, this.startTimeOffset * 1000 + (samplesBefore / rate) * 1000);
      samplesBefore += item.samplesPerChannel;
    }
  }

  #emit(event: PulseEvent): void {
    if (this.queue.closed) return;
    switch (event.type) {
      case 'speech_started':
        this.#finals.length = 0;
        this.queue.put({ type: stt.SpeechEventType.START_OF_SPEECH });
        return;
      case 'interim':
        if (event.text === '') return;
        this.queue.put({
          type: stt.SpeechEventType.INTERIM_TRANSCRIPT,
          alternatives: [speechData(event)],
        });
        return;
      case 'final':
        this.#emitFinal(event);
        return;
      case 'speech_ended':
        this.queue.put({
          type: stt.SpeechEventType.END_OF_SPEECH,
          alternatives: [
            speechData({
              type: 'interim',
              text: this.#finals.join('').trimStart(),
              start: event.at,
              end: event.at,
              words: [],
            }),
          ],
        });
        return;
      case 'usage':
        this.queue.put({
          type: stt.SpeechEventType.RECOGNITION_USAGE,
          requestId: '',
          recognitionUsage: { audioDuration: event.audioMs / 1000 },
        });
        return;
      case 'gap':
        log().warn(
          { startMs: event.start, endMs: event.end },
          'Pulse was away for longer than audio is kept: what was said in this time is missing',
        );
        return;
      case 'connection':
        if (event.error) log().warn({ err: event.error, state: event.state }, 'Pulse connection');
        return;
    }
  }

  /** A final of punctuation only belongs to the text before it and is no transcript of its own. */
  #emitFinal(event: FinalTranscript): void {
    this.#finals.push(event.continuesWord ? event.text : ` ${event.text}`);
    if (!/[\p{L}\p{N}]/u.test(event.text)) return;
    this.queue.put({
      type: stt.SpeechEventType.FINAL_TRANSCRIPT,
      alternatives: [speechData(event)],
    });
  }
}

function speechData(event: InterimTranscript | FinalTranscript): stt.SpeechData {
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

function toApiError(error: unknown): Error {
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

function toMono(frame: AudioFrame): Int16Array {
  const { channels, data, samplesPerChannel } = frame;
  if (channels === 1) return data;
  return Int16Array.from({ length: samplesPerChannel }, (_, index) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += data[index * channels + channel] ?? 0;
    return sum / channels;
  });
}
