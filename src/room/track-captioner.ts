import { FrameReader, type FrameReaderOptions } from '../audio/frames.js';
import type { Caption } from '../captions/caption.js';
import { Segmenter, type SegmenterOptions } from '../captions/segmenter.js';
import type { Logger } from '../logging.js';
import type { ConnectionChanged, PulseEvent } from '../pulse/events.js';

/** The part of a `PulseStream` that a track needs. */
export interface RecogniserStream {
  push(samples: Int16Array, at: number): void;
  end(): Promise<void>;
  close(): void;
}

export interface TrackCaptionerOptions {
  readonly audio: Omit<FrameReaderOptions, 'onFrame'>;
  readonly segments: SegmenterOptions;
  readonly recognise: (onEvent: (event: PulseEvent) => void) => RecogniserStream;
  readonly onCaption: (caption: Caption) => void;
  readonly onConnection: (event: ConnectionChanged) => void;
  readonly logger: Logger;
}

/** Captions one audio track, from its subscription to its last word. */
export class TrackCaptioner {
  readonly #stream: RecogniserStream;
  readonly #segmenter: Segmenter;
  readonly #frames: FrameReader;
  readonly #options: TrackCaptionerOptions;
  #ended: Promise<void> | undefined;

  constructor(options: TrackCaptionerOptions) {
    this.#options = options;
    this.#segmenter = new Segmenter(options.segments);
    this.#stream = options.recognise((event) => this.#on(event));
    this.#frames = new FrameReader({
      ...options.audio,
      onFrame: (samples, at) => this.#stream.push(samples, at),
    });
    this.#frames.done.catch((error: unknown) => {
      options.logger.error({ err: error }, 'the audio of a track could not be taken');
    });
  }

  /** Lets go of the audio, and resolves when all that was said in it has been captioned. Never rejects. */
  end(): Promise<void> {
    this.#ended ??= this.#finish();
    return this.#ended;
  }

  /** Shows what is being said again where its speaker has another name now. */
  refresh(): void {
    this.#emit(this.#segmenter.refresh());
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
    this.#emit(this.#segmenter.end());
  }

  #on(event: PulseEvent): void {
    if (event.type === 'connection') this.#options.onConnection(event);
    if (event.type === 'gap') {
      const lostMs = Math.round(event.end - event.start);
      this.#options.logger.warn({ lostMs }, 'audio was lost before it could be recognised');
    }
    this.#emit(this.#segmenter.on(event));
  }

  #emit(captions: readonly Caption[]): void {
    for (const caption of captions) this.#options.onCaption(caption);
  }
}
