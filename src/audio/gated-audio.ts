import { type AudioPiece, Preroll } from './preroll.js';
import { SpeechGate } from './speech-gate.js';
import type { OpenDetector, VoiceDetector } from './voice-detector.js';

export interface GatedAudioOptions {
  readonly sampleRate: number;
  /** How much audio from before speech is passed, in milliseconds. */
  readonly prerollMs: number;
  /** How much of the silence after speech is passed, in milliseconds. */
  readonly hangoverMs: number;
  readonly openDetector: OpenDetector;
  /** Audio that is to be recognised, in order; `at` as it was pushed. */
  readonly onAudio: (samples: Int16Array, at: number) => void;
  /** Speech is over: nothing is passed until somebody speaks again. */
  readonly onPause: () => void;
  /** There is no detector, or it has failed: from here on everything is passed but digital silence. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * What waits for the detector, at most. It is far ahead of real time unless the machine has no CPU left, and then to
 * send more would cost more still: so the bound is generous. Beyond it audio is passed unheard, and no word is lost.
 */
const MOST_WAITING_MS = 30_000;

/** Passes the speech of one track, and what is around it. Digital silence, as of a muted track, is never speech. */
export class GatedAudio {
  readonly #options: GatedAudioOptions;
  readonly #gate: SpeechGate;
  readonly #preroll: Preroll;
  /** Not decided yet, in order. */
  #waiting: AudioPiece[] = [];
  #waitingMs = 0;
  #detector: VoiceDetector | undefined;
  /** The detector has not heard what came last. */
  #skipped = false;
  #failed = false;
  #closed = false;
  #working = false;
  #work: Promise<void> = Promise.resolve();
  /** What the receiver of the audio has thrown. */
  #fault: { readonly error: unknown } | undefined;
  #passedMs = 0;

  constructor(options: GatedAudioOptions) {
    this.#options = options;
    this.#gate = new SpeechGate(options);
    this.#preroll = new Preroll(options.sampleRate, options.prerollMs);
  }

  /**
   * @param at room milliseconds of the first sample. The samples are kept.
   * @throws what `onAudio` or `onPause` has thrown for earlier audio
   */
  push(samples: Int16Array, at: number): void {
    if (this.#fault) throw this.#fault.error;
    if (this.#closed || samples.length === 0) return;
    this.#waiting.push({ samples, at });
    this.#waitingMs += this.#durationOf(samples);
    if (this.#working) return;
    this.#working = true;
    this.#work = this.#decideAll();
  }

  /** The beginning of what has not been passed and may yet be. */
  get heldFrom(): number | undefined {
    return this.#preroll.from ?? this.#waiting[0]?.at;
  }

  /** Milliseconds of audio that wait to be decided. */
  get waitingMs(): number {
    return this.#waitingMs;
  }

  /** Milliseconds of audio that were passed. */
  get passedMs(): number {
    return this.#passedMs;
  }

  /** Resolves when what was pushed has been decided. Never rejects. */
  settled(): Promise<void> {
    return this.#work;
  }

  /** Passes nothing more. May be called more than once. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#waitingMs = 0;
    this.#preroll.clear();
    this.#detector?.close();
  }

  async #decideAll(): Promise<void> {
    try {
      for (let piece = this.#waiting[0]; piece; piece = this.#waiting[0]) {
        const voice = await this.#voiceIn(piece);
        // `close` has taken it away in the meantime.
        if (this.#closed) return;
        this.#waiting.shift();
        this.#waitingMs -= this.#durationOf(piece.samples);
        this.#decide(piece, voice);
      }
    } catch (error) {
      this.#fault = { error };
      this.close();
    } finally {
      this.#working = false;
    }
  }

  #decide(piece: AudioPiece, voice: number): void {
    switch (this.#gate.step(voice, this.#durationOf(piece.samples))) {
      case 'held':
        this.#preroll.push(piece);
        return;
      case 'opens':
        for (const earlier of this.#preroll.take()) this.#pass(earlier);
        this.#pass(piece);
        return;
      case 'passes':
        this.#pass(piece);
        return;
      case 'closes':
        this.#pass(piece);
        this.#options.onPause();
        return;
    }
  }

  #pass({ samples, at }: AudioPiece): void {
    this.#passedMs += this.#durationOf(samples);
    this.#options.onAudio(samples, at);
  }

  async #voiceIn({ samples }: AudioPiece): Promise<number> {
    const mayBeSkipped = this.#failed || !this.#gate.open;
    if (mayBeSkipped && samples.every((sample) => sample === 0)) {
      this.#skipped = true;
      return 0;
    }
    if (this.#failed || this.#waitingMs > MOST_WAITING_MS) return 1;
    try {
      const { openDetector, sampleRate } = this.#options;
      this.#detector ??= await openDetector(sampleRate);
      if (this.#closed) this.#detector.close();
      if (this.#skipped) this.#detector.reset();
      this.#skipped = false;
      return await this.#detector.hear(samples);
    } catch (error) {
      this.#failed = true;
      this.#options.onFailure(error);
      return 1;
    }
  }

  #durationOf(samples: Int16Array): number {
    return (samples.length / this.#options.sampleRate) * 1000;
  }
}
