import { encodeWords, VOCABULARY } from '../../src/devkit/pulse-server/exact/index.js';

export const FRAME_MS = 50;
const GROUP = 10;
const WORD = { everyMs: 300, firstAt: 750 };

/** Ten words, a breath, ten words, for as long as it takes. */
export class EndlessSpeech {
  /** What has been said, the last ten maybe not to their end. */
  readonly words: string[] = [];
  readonly #sampleRate: number;
  readonly #frame: number;
  #audio = new Int16Array(0);
  #groupMs = 0;
  #pushed = 0;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
    this.#frame = (sampleRate / 1000) * FRAME_MS;
  }

  /** How much has been said. */
  get ms(): number {
    return this.#pushed * FRAME_MS;
  }

  /** The next `FRAME_MS` of it. */
  next(): Int16Array {
    const offset = (this.#pushed * this.#frame) % Math.max(1, this.#audio.length);
    if (offset === 0) this.#nextGroup();
    this.#pushed += 1;
    return this.#audio.slice(offset, offset + this.#frame);
  }

  /** When a word is said, in milliseconds. */
  at(index: number): number {
    return (
      Math.floor(index / GROUP) * this.#groupMs + WORD.firstAt + (index % GROUP) * WORD.everyMs
    );
  }

  #nextGroup(): void {
    const from = this.words.length;
    const words = Array.from(
      { length: GROUP },
      (_, at) => ((from + at) * 37 + 5) % VOCABULARY.length,
    );
    this.words.push(...words.map((index) => VOCABULARY[index] ?? ''));
    const said = encodeWords(words, { sampleRate: this.#sampleRate, marginMs: 250 });
    const breath = this.#sampleRate / 2;
    const samples = Math.ceil((said.length + 2 * breath) / this.#frame) * this.#frame;
    this.#audio = new Int16Array(samples);
    this.#audio.set(said, breath);
    this.#groupMs = (samples / this.#sampleRate) * 1000;
  }
}
