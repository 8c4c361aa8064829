import { log, stt, type APIConnectOptions } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { PulseError } from './errors.js';
import type { FinalTranscript, PulseEvent } from './events.js';
import { speechData, toApiError, toMono } from './framework.js';
import {
  checkOptions,
  sampleRateOf,
  type PulseRecognition,
  type PulseStreamOptions,
} from './options.js';
import { PulseStream } from './stream.js';

/** Audio frames in, speech events out; made by `STT.stream`. */
export class SpeechStream extends stt.SpeechStream {
  readonly label = 'smallestai.pulse.SpeechStream';
  #options: PulseStreamOptions;
  readonly #onDone: () => void;
  readonly #finals: string[] = [];
  #pulse: PulseStream | undefined;

  constructor(
    owner: stt.STT,
    options: PulseStreamOptions,
    connOptions: APIConnectOptions | undefined,
    onDone: () => void,
  ) {
    super(owner, sampleRateOf(options), connOptions);
    this.#options = options;
    this.#onDone = onDone;
  }

  /** Takes effect at the next pause, and holds for what is opened later. @throws PulseError `bad_options`. */
  updateOptions(changes: Omit<PulseRecognition, 'sampleRate' | 'encoding' | 'vadEvents'>): void {
    const options = { ...this.#options, ...changes };
    checkOptions(options, this.#options);
    this.#options = options;
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
