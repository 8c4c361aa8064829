/** A run of audio. */
export interface AudioPiece {
  readonly samples: Int16Array;
  /** Room milliseconds of the first sample. */
  readonly at: number;
}

/** The last audio before speech: kept for when it turns out to have been its beginning. */
export class Preroll {
  readonly #sampleRate: number;
  readonly #most: number;
  #pieces: AudioPiece[] = [];
  #samples = 0;

  /** @param ms how much of it is given back */
  constructor(sampleRate: number, ms: number) {
    this.#sampleRate = sampleRate;
    this.#most = Math.round((ms / 1000) * sampleRate);
  }

  push(piece: AudioPiece): void {
    this.#pieces.push(piece);
    this.#samples += piece.samples.length;
    for (let first = this.#pieces[0]; first; first = this.#pieces[0]) {
      if (this.#samples - first.samples.length < this.#most) return;
      this.#pieces.shift();
      this.#samples -= first.samples.length;
    }
  }

  /** Room milliseconds of the oldest sample. */
  get from(): number | undefined {
    return this.#pieces[0]?.at;
  }

  /** All of it, in order, cut to its length; afterwards there is nothing. */
  take(): AudioPiece[] {
    const pieces = this.#pieces;
    const surplus = Math.max(0, this.#samples - this.#most);
    this.clear();
    const [first, ...rest] = pieces;
    if (!first || surplus === 0) return pieces;
    const at = first.at + (surplus / this.#sampleRate) * 1000;
    return [{ samples: first.samples.slice(surplus), at }, ...rest];
  }

  clear(): void {
    this.#pieces = [];
    this.#samples = 0;
  }
}
