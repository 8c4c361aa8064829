import { AudioFrame, AudioResampler } from '@livekit/rtc-node';

/** Listens to one track for voices. */
export interface VoiceDetector {
  /**
   * @param samples the next ones, mono, at the rate it was opened for
   * @returns the probability of a voice, 0 to 1: the highest in what these samples complete
   */
  hear(samples: Int16Array): Promise<number>;
  /** What comes next does not follow what came before. */
  reset(): void;
  /** May be called more than once. */
  close(): void;
}

/** Rejects where there is no detector for this machine. */
export type OpenDetector = (sampleRate: number) => Promise<VoiceDetector>;

const RATE = 16_000;

/**
 * LiveKit's own detector, which runs on this machine: 0.2 % of a core for a track, and 13 MB once, for the model that
 * all tracks of a process share.
 */
export const openVoiceDetector: OpenDetector = async (sampleRate) => {
  const { default: inference } = await import('@livekit/local-inference');
  return new LocalDetector(inference.createVad(), inference.VAD_WINDOW_SAMPLES, sampleRate);
};

interface Vad {
  predict(window: Int16Array): Promise<number>;
  reset(): void;
}

class LocalDetector implements VoiceDetector {
  readonly #vad: Vad;
  readonly #window: Int16Array;
  readonly #resampler: AudioResampler | undefined;
  readonly #sampleRate: number;
  #filled = 0;
  #last = 0;
  #closed = false;

  constructor(vad: Vad, windowSamples: number, sampleRate: number) {
    this.#vad = vad;
    this.#window = new Int16Array(windowSamples);
    this.#sampleRate = sampleRate;
    if (sampleRate !== RATE) this.#resampler = new AudioResampler(sampleRate, RATE, 1);
  }

  async hear(samples: Int16Array): Promise<number> {
    let highest: number | undefined;
    for (const part of this.#resampled(samples)) {
      for (let at = 0; at < part.length;) {
        const taken = part.subarray(at, at + this.#window.length - this.#filled);
        this.#window.set(taken, this.#filled);
        this.#filled += taken.length;
        at += taken.length;
        if (this.#filled < this.#window.length) continue;
        this.#filled = 0;
        this.#last = await this.#vad.predict(this.#window);
        highest = Math.max(highest ?? 0, this.#last);
      }
    }
    return highest ?? this.#last;
  }

  reset(): void {
    this.#vad.reset();
    this.#filled = 0;
    this.#last = 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resampler?.close();
  }

  #resampled(samples: Int16Array): Int16Array[] {
    if (!this.#resampler) return [samples];
    if (this.#closed) return [];
    return this.#resampler
      .push(new AudioFrame(samples, this.#sampleRate, 1, samples.length))
      .map(({ data }) => data);
  }
}
