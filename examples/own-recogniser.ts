/**
 * A recogniser of one's own in place of Pulse. This one knows a single thing: how long somebody made a noise. Where it
 * says "heard", a real one would pass the samples on to its engine, and tell of what comes back.
 */
import type { OpenStream, PulseEvent, RecogniserStream } from 'livekit-pulse-captions';

const RATE = 16_000;
const LOUD = 500;
/** Of silence, in milliseconds: then a turn is over. */
const PAUSE = 300;

class NoiseStream implements RecogniserStream {
  readonly #tell: (event: PulseEvent) => void;
  /** Of the noise that is being made, in milliseconds on the room's clock. */
  #noise: { readonly start: number; end: number } | undefined;
  #finalsUntil: number | undefined;
  #ended = false;

  constructor(tell: (event: PulseEvent) => void) {
    this.#tell = tell;
    tell({ type: 'connection', state: 'live' });
  }

  /** Mono, 16 bits, 16 kHz; `at` is the room's clock at the first sample and never goes back. */
  push(samples: Int16Array, at: number): void {
    const end = at + (samples.length / RATE) * 1000;
    if (samples.some((sample) => Math.abs(sample) > LOUD)) this.#heard(at, end);
    else if (this.#noise && end - this.#noise.end >= PAUSE) this.flush();
  }

  /** A final of what was heard so far, now. */
  flush(): void {
    const noise = this.#noise;
    if (!noise) return;
    this.#noise = undefined;
    this.#finalsUntil = noise.end;
    const said = { text: this.#text(noise, '.'), words: [], ...noise };
    this.#tell({ type: 'final', ...said, continuesWord: false, endOfTurn: true });
    this.#tell({ type: 'speech_ended', at: noise.end });
  }

  /** Options of the room changed: a recogniser with a language or keywords would take them from here. */
  updateOptions(): void {
    // There is nothing to choose here.
  }

  /** Where a captioner that takes over goes on: behind the last final. */
  get position() {
    return { until: this.#finalsUntil, tail: [] };
  }

  /** What is not in a final yet. */
  get unconfirmedSpeech() {
    return this.#noise && { start: this.#noise.start };
  }

  /** No more audio comes: the last words, then the end. */
  end(): Promise<void> {
    this.flush();
    this.close();
    return Promise.resolve();
  }

  /** At once; may be called twice. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#noise = undefined;
    this.#tell({ type: 'connection', state: 'ended' });
  }

  #heard(start: number, end: number): void {
    if (!this.#noise) this.#tell({ type: 'speech_started', at: start });
    const noise = { start: this.#noise?.start ?? start, end };
    this.#noise = noise;
    this.#tell({ type: 'interim', text: this.#text(noise, ''), words: [], ...noise });
  }

  #text({ start, end }: { readonly start: number; readonly end: number }, stop: string): string {
    return `Noise for ${((end - start) / 1000).toFixed(1)} seconds${stop}`;
  }
}

/** For `new RoomCaptioner({ …, openStream })`: a stream for each track. */
export const openNoiseStream: OpenStream = (_config, onEvent) => new NoiseStream(onEvent);
