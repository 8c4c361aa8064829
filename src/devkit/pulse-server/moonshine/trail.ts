import { STILL_VOICE } from './speech-gate.js';

interface Piece {
  readonly at: number;
  readonly samples: Float32Array;
  readonly voiced: boolean;
  /** Mean square. */
  readonly energy: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The recent sound of one stream with what the voice detector said of it. Positions are samples of the stream. */
export class Trail {
  private pieces: Piece[] = [];
  private position = 0;

  get end(): number {
    return this.position;
  }

  append(samples: Float32Array, probability: number): void {
    const energy = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    this.pieces.push({ at: this.position, samples, voiced: probability >= STILL_VOICE, energy });
    this.position += samples.length;
  }

  /** Forgets whole pieces that end before this position. */
  dropBefore(position: number): void {
    const keep = this.pieces.findIndex((piece) => piece.at + piece.samples.length > position);
    this.pieces = keep === -1 ? [] : this.pieces.slice(keep);
  }

  slice({ from, to }: Span): Float32Array {
    const sound = new Float32Array(Math.max(0, to - from));
    for (const piece of this.pieces) {
      const start = Math.max(from, piece.at);
      const end = Math.min(to, piece.at + piece.samples.length);
      if (start < end)
        sound.set(piece.samples.subarray(start - piece.at, end - piece.at), start - from);
    }
    return sound;
  }

  /** Where there was a voice within these bounds. */
  voiced({ from, to }: Span): Span[] {
    const spans: { from: number; to: number }[] = [];
    for (const piece of this.pieces) {
      const start = Math.max(from, piece.at);
      const end = Math.min(to, piece.at + piece.samples.length);
      if (!piece.voiced || start >= end) continue;
      const last = spans.at(-1);
      if (last?.to === start) last.to = end;
      else spans.push({ from: start, to: end });
    }
    return spans;
  }

  /** The middle of the quietest tenth of a second or so: where a cut does the least harm. */
  quietest({ from, to }: Span): number {
    const inside = this.pieces.filter(
      (piece) => piece.at >= from && piece.at + piece.samples.length <= to,
    );
    let best = { level: Number.POSITIVE_INFINITY, at: to };
    for (const [index, piece] of inside.entries()) {
      const around = inside.slice(Math.max(0, index - 1), index + 2);
      const level = around.reduce((sum, next) => sum + next.energy, 0) / around.length;
      if (level < best.level) best = { level, at: piece.at + Math.floor(piece.samples.length / 2) };
    }
    return best.at;
  }
}
