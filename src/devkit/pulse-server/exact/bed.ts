import { readFileSync } from 'node:fs';
import { readWav } from '../wav.js';
import { Filter } from './filter.js';

/** Public domain, with the other recordings. Holds for `src` and for `dist` alike. */
const RECORDING = new URL('../../../../src/devkit/speech/librivox-0870.wav', import.meta.url);
const CUTOFF_HZ = 700;
const FRAME_MS = 20;
/** Frames this much below the mean power are pauses. */
const PAUSE = 0.1;
const LEVEL = 2500;

export interface Bed {
  readonly sampleRate: number;
  readonly samples: Float32Array;
}

let made: Bed | undefined;

/**
 * A few seconds of a voice without its upper half and without pauses, to be repeated: tones alone are never taken for
 * speech by a voice detector, tones over this are. Made once.
 */
export function speechBed(): Bed {
  made ??= make();
  return made;
}

function make(): Bed {
  const { samples, sampleRate } = readWav(readFileSync(RECORDING));
  const filter = new Filter('low_pass', CUTOFF_HZ, sampleRate, 8);
  const muffled = Float32Array.from(samples, (sample) => filter.step(sample));
  const frame = Math.round((sampleRate * FRAME_MS) / 1000);
  const frames = Array.from({ length: Math.floor(muffled.length / frame) }, (_, index) =>
    muffled.subarray(index * frame, (index + 1) * frame),
  );
  const powers = frames.map((part) => part.reduce((sum, value) => sum + value * value, 0) / frame);
  const mean = powers.reduce((sum, power) => sum + power, 0) / powers.length;
  const voiced = frames.filter((_, index) => (powers[index] ?? 0) > PAUSE * mean);
  const bed = new Float32Array(voiced.length * frame);
  for (const [index, part] of voiced.entries()) bed.set(part, index * frame);
  const level = Math.sqrt(bed.reduce((sum, value) => sum + value * value, 0) / bed.length);
  return { sampleRate, samples: bed.map((value) => (value * LEVEL) / level) };
}

/** The bed at a moment, in seconds, between its samples where the moment falls between them. */
export function bedAt(bed: Bed, time: number): number {
  const position = time * bed.sampleRate;
  const before = Math.floor(position);
  const share = position - before;
  const { samples } = bed;
  const left = samples[before % samples.length] ?? 0;
  const right = samples[(before + 1) % samples.length] ?? 0;
  return left * (1 - share) + right * share;
}
