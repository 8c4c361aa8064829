import { FrameReader, type FrameReaderOptions } from '../audio/frames.js';
import type { Caption } from '../captions/caption.js';
import { Segmenter, type SegmenterOptions } from '../captions/segmenter.js';
import type { Logger } from '../logging.js';
import type { RoomMetrics, TrackMetrics } from '../metrics/room-metrics.js';
import type { AudioGap, ConnectionChanged, PulseEvent } from '../pulse/events.js';
import { PulseError } from '../pulse/errors.js';
import type { PulsePosition } from '../pulse/recognised.js';
import type { PulseChanges } from '../pulse/stream.js';

/** The part of a `PulseStream` that a track needs. */
export interface RecogniserStream {
  push(samples: Int16Array, at: number): void;
  updateOptions(changes: PulseChanges): void;
  flush(): void;
  /** See `PulseStream`. */
  readonly position: PulsePosition;
  readonly unconfirmedSpeech: { readonly start: number } | undefined;
  /** Milliseconds of audio that an open connection has not taken yet. Left out: nobody knows. */
  readonly unsentMs?: number;
  /** Audio may go out in larger pieces, later and cheaper, or is to go as usual again. Left out: it always does. */
  useLargeChunks?(large: boolean): void;
  end(): Promise<void>;
  close(): void;
}

export interface TrackCaptionerOptions {
  readonly audio: Omit<FrameReaderOptions, 'onFrame'>;
  readonly segments: SegmenterOptions;
  /** See `PulseStreamHandlers`. */
  readonly recognise: (onEvent: (event: PulseEvent, message?: number) => void) => RecogniserStream;
  readonly onCaption: (caption: Caption) => void;
  readonly onConnection: (event: ConnectionChanged) => void;
  readonly onGap: (gap: AudioGap) => void;
  /** Something threw that should not. */
  readonly onFault: (error: unknown) => void;
  readonly metrics?: RoomMetrics | undefined;
  readonly logger: Logger;
}

const NOTHING_UNSETTLED: PulseEvent = { type: 'interim', text: '', start: 0, end: 0, words: [] };

/** Captions one audio track, from its subscription to its last word. */
export class TrackCaptioner {
  readonly #stream: RecogniserStream;
  readonly #segmenter: Segmenter;
  readonly #frames: FrameReader;
  readonly #options: TrackCaptionerOptions;
  readonly #metrics: TrackMetrics | undefined;
  #withdrawn = false;
  #soundAt = Number.NEGATIVE_INFINITY;
  /** For text of which the recogniser does not say the language: of this connection, and of the next. */
  #assumed: string | undefined;
  #assumedNext: string | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: TrackCaptionerOptions) {
    this.#options = options;
    this.#segmenter = new Segmenter(options.segments);
    this.#metrics = options.metrics?.openTrack({
      sid: options.segments.track.sid,
      now: () => options.audio.clock.now(),
      unconfirmedSince: () => this.#stream.unconfirmedSpeech?.start,
    });
    this.#stream = options.recognise((event, message) => this.#onEvent(event, message));
    this.#frames = new FrameReader({
      ...options.audio,
      onFrame: (samples, at) => {
        if (samples.some((sample) => sample !== 0)) this.#soundAt = at;
        if (!this.#withdrawn) this.#stream.push(samples, at);
      },
    });
    this.#frames.done.catch((error: unknown) => {
      options.logger.error({ err: error }, 'the audio of a track could not be taken');
    });
  }

  /** See `RecogniserStream`. */
  get unsentMs(): number {
    return this.#stream.unsentMs ?? 0;
  }

  /** See `RecogniserStream`. */
  useLargeChunks(large: boolean): void {
    this.#stream.useLargeChunks?.(large);
  }

  /** Of text of which the recogniser does not say the language. */
  get assumedLanguage(): string | undefined {
    return this.#assumed;
  }

  /** Lets go of the audio, and resolves when all that was said in it has been captioned. Never rejects. */
  end(): Promise<void> {
    this.#ended ??= this.#finish();
    return this.#ended;
  }

  /** When there last was anything but digital silence, on the room's clock. */
  get soundAt(): number {
    return this.#soundAt;
  }

  /**
   * Changes the recognition, without losing a word.
   * @param assumed language of text of which the recogniser does not say it
   */
  update(changes: PulseChanges, assumed: string): void {
    if (this.#ended !== undefined) return;
    this.#assumedNext = assumed;
    this.#stream.updateOptions(changes);
  }

  /** Hears nothing more, at once, and takes back what is shown but not settled. */
  withdraw(): void {
    if (this.#withdrawn) return;
    this.#withdrawn = true;
    this.#ended ??= Promise.resolve();
    this.#frames.close().catch(() => {
      // Reported where the reader was made.
    });
    this.#stream.close();
    this.#emit(this.#segmenter.on(NOTHING_UNSETTLED));
    this.#emit(this.#segmenter.end());
    this.#metrics?.close();
  }

  /** Shows what is being said again where its speaker has another name now. */
  refresh(): void {
    this.#emit(this.#segmenter.refresh());
  }

  /** Asks for a final of what was heard so far. */
  flush(): void {
    this.#stream.flush();
  }

  /** Whether all that was said before a time of the room's clock is in a final. */
  hasFinalsUntil(time: number): boolean {
    const { unconfirmedSpeech } = this.#stream;
    return unconfirmedSpeech === undefined || unconfirmedSpeech.start >= time;
  }

  /** Stops at once, for another captioner to go on: settled text becomes final, the rest is the other's. */
  release(): PulsePosition {
    const { position } = this.#stream;
    this.withdraw();
    return position;
  }

  /** Waits no longer: what has not been recognised by now is lost, and `end` resolves. */
  abandon(): void {
    this.#stream.close();
  }

  async #finish(): Promise<void> {
    try {
      await this.#frames.close();
    } catch {
      // Reported where the reader was made; what was heard before is still captioned.
    }
    await this.#stream.end();
    if (!this.#withdrawn) this.#emit(this.#segmenter.end());
    this.#metrics?.close();
  }

  #onEvent(event: PulseEvent, message: number | undefined): void {
    try {
      this.#on(event, message);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #on(event: PulseEvent, message: number | undefined): void {
    if (this.#withdrawn) return;
    this.#options.logger.trace({ message, type: event.type }, 'Pulse says something');
    this.#metrics?.recognised(event);
    if (event.type === 'connection') {
      if (event.state === 'connecting') this.#assumed = this.#assumedNext ?? this.#assumed;
      const { state, error } = event;
      const code = error instanceof PulseError ? error.code : undefined;
      this.#options.logger.debug({ state, code }, 'the connection to Pulse has changed');
      this.#options.onConnection(event);
    }
    if (event.type === 'gap') {
      const lostMs = Math.round(event.end - event.start);
      this.#options.logger.warn({ lostMs }, 'audio was lost before it could be recognised');
      this.#options.onGap(event);
    }
    this.#emit(this.#segmenter.on(this.#inLanguage(event)), event, message);
  }

  /** Where the recogniser detects languages, the last one that it heard is a better guess than none. */
  #inLanguage(event: PulseEvent): PulseEvent {
    const isText = event.type === 'interim' || event.type === 'final';
    const language = this.#assumed;
    if (!isText || event.language !== undefined || !language || language === 'und') return event;
    return { ...event, language };
  }

  #emit(captions: readonly Caption[], from?: PulseEvent, message?: number): void {
    for (const caption of captions) {
      const { id: segment, rev, final } = caption;
      this.#options.logger.trace({ message, segment, rev, final }, 'a caption has changed');
      this.#metrics?.captioned(caption, from);
      this.#options.onCaption(caption);
    }
  }
}
