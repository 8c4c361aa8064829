import { RECOGNISER_RATE } from './recogniser.js';

/** Zero crossings of the sinc on each side: the price of a sharper edge at the band's end is CPU. */
const LOBES = 12;

/**
 * Takes a stream of mono samples at one rate and gives them at 16 kHz, with a windowed sinc whose phases are
 * worked out once. Output sample `n` is what was heard at `n / 16000` s of the input: nothing is shifted.
 */
export class Resampler {
  private readonly up: number;
  private readonly down: number;
  private readonly reach: number;
  private readonly phases: readonly Float32Array[];
  private pending = new Float32Array(0);
  /** Index, in the whole input, of the first sample in `pending`. Negative: the silence before the beginning. */
  private pendingAt: number;
  private produced = 0;

  constructor(inputRate: number) {
    const shared = gcd(inputRate, RECOGNISER_RATE);
    this.up = RECOGNISER_RATE / shared;
    this.down = inputRate / shared;
    const cutoff = Math.min(1, this.up / this.down);
    this.reach = Math.ceil(LOBES / cutoff);
    this.pendingAt = -this.reach;
    this.pending = new Float32Array(this.reach);
    this.phases =
      this.up === this.down
        ? []
        : Array.from({ length: this.up }, (_, phase) => this.taps(phase / this.up, cutoff));
  }

  push(samples: Int16Array): Int16Array {
    if (this.up === this.down) return samples;
    const joined = new Float32Array(this.pending.length + samples.length);
    joined.set(this.pending);
    joined.set(samples, this.pending.length);
    const end = this.pendingAt + joined.length;
    const output: number[] = [];
    for (;;) {
      const position = this.produced * this.down;
      const centre = Math.floor(position / this.up);
      if (centre + this.reach >= end) break;
      const taps = this.phases[position % this.up];
      if (taps === undefined) break;
      let sum = 0;
      const first = centre - this.reach + 1 - this.pendingAt;
      for (let tap = 0; tap < taps.length; tap += 1) {
        sum += (taps[tap] ?? 0) * (joined[first + tap] ?? 0);
      }
      output.push(Math.max(-32_768, Math.min(32_767, Math.round(sum))));
      this.produced += 1;
    }
    const nextCentre = Math.floor((this.produced * this.down) / this.up);
    const keepFrom = Math.min(joined.length, nextCentre - this.reach + 1 - this.pendingAt);
    this.pending = joined.slice(keepFrom);
    this.pendingAt += keepFrom;
    return Int16Array.from(output);
  }

  /** What is still inside, as if silence followed. */
  end(): Int16Array {
    return this.push(new Int16Array(this.up === this.down ? 0 : this.reach));
  }

  private taps(offset: number, cutoff: number): Float32Array {
    const taps = Float32Array.from({ length: 2 * this.reach }, (_, index) => {
      const distance = index - this.reach + 1 - offset;
      const window =
        Math.abs(distance) >= this.reach
          ? 0
          : 0.5 + 0.5 * Math.cos((Math.PI * distance) / this.reach);
      return sinc(distance * cutoff) * window;
    });
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return taps.map((tap) => tap / sum);
  }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
