import { type Burst, HIGH_TONES, LOW_TONES } from './alphabet.js';
import { Filter } from './filter.js';

const RATE = 16_000;
/** 20 ms: the zeros of its spectrum lie 100 Hz off a tone, about where the neighbours are. */
export const WINDOW = 320;
const HOP = 160;
const CLEARLY = 3;
const TILT = 20;
const MOSTLY_TONES = 0.4;
/** Mean square of a frame below which there is nothing to look at. */
const QUIET = 200;

/** What is heard in the 20 ms that begin at `at`, a sample of the stream. */
export interface Frame {
  readonly at: number;
  readonly burst: Burst | undefined;
  /** How much of the sound above the bed the two tones explain, 0 to 1. */
  readonly purity: number;
}

const SHAPE = Float32Array.from(
  { length: WINDOW },
  (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (index + 0.5)) / WINDOW),
);
const SHAPE_SUM = SHAPE.reduce((sum, value) => sum + value, 0);
const SHAPE_SQUARES = SHAPE.reduce((sum, value) => sum + value * value, 0);
/** From the power of a Goertzel bin to the energy that its tone has in the window. */
const BIN_TO_ENERGY = (2 * SHAPE_SQUARES) / (SHAPE_SUM * SHAPE_SUM);

const coefficient = (frequency: number): number => 2 * Math.cos((2 * Math.PI * frequency) / RATE);
const LOW = LOW_TONES.map(coefficient);
const HIGH = HIGH_TONES.map(coefficient);

/** Hears pairs of tones in a stream of 16 kHz samples, every 10 ms. */
export class ToneReader {
  private readonly aboveBed = new Filter('high_pass', 950, RATE, 6);
  private readonly recent = new Float32Array(WINDOW);
  private readonly shaped = new Float32Array(WINDOW);
  private position = 0;

  constructor(private readonly onFrame: (frame: Frame) => void) {}

  push(samples: Int16Array): void {
    for (const sample of samples) {
      this.recent[this.position % WINDOW] = this.aboveBed.step(sample);
      this.position += 1;
      if (this.position >= WINDOW && this.position % HOP === 0) this.onFrame(this.read());
    }
  }

  private read(): Frame {
    const at = this.position - WINDOW;
    let energy = 0;
    for (let index = 0; index < WINDOW; index += 1) {
      const value = (this.recent[(at + index) % WINDOW] ?? 0) * (SHAPE[index] ?? 0);
      this.shaped[index] = value;
      energy += value * value;
    }
    if (energy < QUIET * SHAPE_SQUARES) return { at, burst: undefined, purity: 0 };
    const low = this.loudest(LOW);
    const high = this.loudest(HIGH);
    const purity = Math.min(1, ((low.power + high.power) * BIN_TO_ENERGY) / energy);
    const tilt = Math.max(low.power / high.power, high.power / low.power);
    const heard = low.clear && high.clear && tilt < TILT && purity > MOSTLY_TONES;
    return { at, burst: heard ? { low: low.tone, high: high.tone } : undefined, purity };
  }

  private loudest(coefficients: readonly number[]) {
    let tone = 0;
    let power = 0;
    let second = 0;
    for (const [index, factor] of coefficients.entries()) {
      const found = goertzel(this.shaped, factor);
      if (found > power) {
        second = power;
        power = found;
        tone = index;
      } else if (found > second) {
        second = found;
      }
    }
    return { tone, power, clear: power > CLEARLY * second };
  }
}

function goertzel(samples: Float32Array, factor: number): number {
  let before = 0;
  let last = 0;
  for (const sample of samples) {
    const next = sample + factor * last - before;
    before = last;
    last = next;
  }
  return last * last + before * before - factor * last * before;
}
