import { seeded } from '../seeded.js';

/** Sound to put under speech, of any level. The same in every run. */
export type Noise = Float32Array;

/** A room, a fan, a street: each octave is as loud as the next. */
export function pinkNoise(length: number, seed: number): Noise {
  const random = seeded(seed);
  // A row of sources, each of which changes half as often as the one before.
  const rows = new Float32Array(16);
  let sum = 0;
  return Float32Array.from({ length }, (_, index) => {
    const row = Math.min(rows.length - 1, 31 - Math.clz32((index + 1) & -(index + 1)));
    const value = random() - 0.5;
    sum += value - (rows[row] ?? 0);
    rows[row] = value;
    return sum + random() - 0.5;
  });
}

/** Many people who talk at once, each over and over and from another place on. */
export function babble(voices: readonly Int16Array[], length: number, seed: number): Noise {
  const random = seeded(seed);
  const mixed = new Float32Array(length);
  for (const voice of voices) {
    const gain = 1 / (levelOf(voice) || 1);
    const from = Math.floor(random() * voice.length);
    for (let index = 0; index < length; index += 1) {
      mixed[index] = (mixed[index] ?? 0) + gain * (voice[(from + index) % voice.length] ?? 0);
    }
  }
  return mixed;
}

const CHORDS = [
  [220, 277.2, 329.6],
  [146.8, 220, 370],
  [164.8, 246.9, 415.3],
  [185, 277.2, 440],
] as const;
const BEAT_S = 0.5;

/** Chords with overtones that fade, and a drum: the same few bars over and over. */
export function music(length: number, sampleRate: number, seed: number): Noise {
  const random = seeded(seed);
  const bars = Float32Array.from(
    { length: 2 * CHORDS.length * BEAT_S * sampleRate },
    (_, index) => {
      const time = index / sampleRate;
      const beat = Math.floor(time / BEAT_S);
      const since = time - beat * BEAT_S;
      let value = 0;
      for (const hertz of CHORDS[Math.floor(beat / 2)] ?? []) {
        for (let overtone = 1; overtone <= 5; overtone += 1) {
          value += Math.sin(2 * Math.PI * hertz * overtone * time) / overtone ** 1.5;
        }
      }
      return value * Math.exp(-2 * since) + 3 * (random() - 0.5) * Math.exp(-40 * since);
    },
  );
  return Float32Array.from({ length }, (_, index) => bars[index % bars.length] ?? 0);
}

/**
 * Speech with noise under all of it.
 * @param decibels how much louder the speech is, on average
 */
export function withNoise(speech: Int16Array, noise: Noise, decibels: number): Int16Array {
  return noisy(speech, noise, levelOf(speech) / 10 ** (decibels / 20));
}

/** @param level root of the mean square of the noise */
export function noisy(speech: Int16Array, noise: Noise, level: number): Int16Array {
  const gain = level / (levelOf(noise) || 1);
  return speech.map((sample, index) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample + gain * (noise[index] ?? 0)))),
  );
}

/** The root of the mean square. */
export function levelOf(samples: Int16Array | Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
