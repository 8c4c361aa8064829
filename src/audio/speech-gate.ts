export interface SpeechGateOptions {
  /** How much audio without a voice is passed before speech counts as over, in milliseconds. */
  readonly hangoverMs: number;
}

/**
 * What becomes of a piece of audio:
 * - `held`: nobody speaks. It may be the beginning of speech that is not known yet.
 * - `opens`: speech has begun. What was held is passed with it.
 * - `passes`: speech goes on, or has only just ended.
 * - `closes`: the last piece that is passed: speech is over.
 */
export type Passage = 'held' | 'opens' | 'passes' | 'closes';

/**
 * From which probability on a sound may be a voice. Steady noise hardly ever reaches it; soft speech and speech in noise
 * may not reach what is usual elsewhere (0.5). A mistake in this direction costs money, one in the other words.
 */
const PERHAPS_VOICE = 0.1;
/** A voice that is going on may sink this low, as it does inside words, before it counts as silence. */
const STILL_VOICE = 0.07;

/**
 * Decides which audio of a person is sent, from the probability of a voice in it.
 *
 *     closed ──perhaps a voice──▶ open ──no voice for the hangover──▶ closed
 *
 * It opens at the first suspicion, however short, and counts the audio that it has seen, not time: audio that is
 * missing is no silence.
 */
export class SpeechGate {
  readonly #hangoverMs: number;
  #open = false;
  #silentMs = 0;

  constructor({ hangoverMs }: SpeechGateOptions) {
    this.#hangoverMs = hangoverMs;
  }

  get open(): boolean {
    return this.#open;
  }

  /** @param probability of a voice in the next audio, 0 to 1 */
  step(probability: number, durationMs: number): Passage {
    if (!this.#open) {
      if (probability < PERHAPS_VOICE) return 'held';
      this.#open = true;
      this.#silentMs = 0;
      return 'opens';
    }
    this.#silentMs = probability < STILL_VOICE ? this.#silentMs + durationMs : 0;
    if (this.#silentMs < this.#hangoverMs) return 'passes';
    this.#open = false;
    return 'closes';
  }
}
