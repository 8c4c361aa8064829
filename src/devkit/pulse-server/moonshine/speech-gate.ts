import { RECOGNISER_RATE } from '../recogniser.js';

/** Positions are samples from the beginning of the stream. */
export type GateEvent =
  | { readonly type: 'speech'; readonly at: number }
  | { readonly type: 'silence'; readonly at: number };

/** A voice that is going on may sink this low before it counts as silence. */
export const STILL_VOICE = 0.35;
const SURELY_VOICE = 0.5;
/** Shorter sounds are clicks and breaths. */
const SHORTEST = 0.09 * RECOGNISER_RATE;

/** Makes beginnings and ends of speech out of the probabilities of a voice detector. */
export class SpeechGate {
  private position = 0;
  private voiced = 0;
  private lastVoice = 0;
  private open = false;
  private readonly silence: number;

  constructor(silenceMs: number) {
    this.silence = (silenceMs / 1000) * RECOGNISER_RATE;
  }

  /** The next window of so many samples. */
  push(probability: number, samples: number): GateEvent | undefined {
    this.position += samples;
    if (!this.open) return this.listen(probability, samples);
    if (probability >= STILL_VOICE) {
      this.lastVoice = this.position;
      return undefined;
    }
    if (this.position - this.lastVoice < this.silence) return undefined;
    this.open = false;
    this.voiced = 0;
    return { type: 'silence', at: this.lastVoice };
  }

  private listen(probability: number, samples: number): GateEvent | undefined {
    this.voiced = probability >= SURELY_VOICE ? this.voiced + samples : 0;
    if (this.voiced < SHORTEST) return undefined;
    this.open = true;
    this.lastVoice = this.position;
    return { type: 'speech', at: this.position - this.voiced };
  }
}
