import { burstsOf, HIGH_TONES, LOW_TONES } from './alphabet.js';
import { bedAt, speechBed } from './bed.js';

export interface EncodeOptions {
  readonly sampleRate: number;
  /** Length of a word. Default 240, at least 150. */
  readonly wordMs?: number;
  /** From the end of a word to the beginning of the next. Default 60. */
  readonly gapMs?: number;
  /** Before the first and after the last word: the bed alone. Default 0. */
  readonly marginMs?: number;
}

const TONE_LEVEL = 3000;
/** Silence between the bursts of a word. */
const BREATH_MS = 10;
const EDGE_MS = 4;

/** The words one after the other over a muffled voice, mono. */
export function encodeWords(words: readonly number[], options: EncodeOptions): Int16Array {
  const { sampleRate, wordMs = 240, gapMs = 60, marginMs = 0 } = options;
  if (wordMs < 150 || gapMs < 0)
    throw new RangeError('a word takes at least 150 ms, a gap at least 0');
  const totalMs = 2 * marginMs + words.length * (wordMs + gapMs) - (words.length > 0 ? gapMs : 0);
  const sound = new Float32Array(Math.round((totalMs * sampleRate) / 1000));
  const bed = speechBed();
  for (let index = 0; index < sound.length; index += 1)
    sound[index] = bedAt(bed, index / sampleRate);
  for (const [index, word] of words.entries()) {
    for (const [place, burst] of burstsOf(word).entries()) {
      const startMs = marginMs + index * (wordMs + gapMs) + (place * wordMs) / 3;
      const frequencies = [LOW_TONES[burst.low] ?? 0, HIGH_TONES[burst.high] ?? 0];
      addBurst(sound, sampleRate, startMs, wordMs / 3 - (place < 2 ? BREATH_MS : 0), frequencies);
    }
  }
  return Int16Array.from(sound, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value))));
}

/** When each word of `encodeWords` begins and ends, in milliseconds. */
export function wordSpans(count: number, options: EncodeOptions): { start: number; end: number }[] {
  const { wordMs = 240, gapMs = 60, marginMs = 0 } = options;
  return Array.from({ length: count }, (_, index) => {
    const start = marginMs + index * (wordMs + gapMs);
    return { start, end: start + wordMs };
  });
}

function addBurst(
  sound: Float32Array,
  sampleRate: number,
  startMs: number,
  lengthMs: number,
  frequencies: readonly number[],
): void {
  const first = Math.round((startMs * sampleRate) / 1000);
  const length = Math.round((lengthMs * sampleRate) / 1000);
  const edge = (EDGE_MS * sampleRate) / 1000;
  for (let offset = 0; offset < length && first + offset < sound.length; offset += 1) {
    const nearest = Math.min(offset, length - 1 - offset) / edge;
    const height = nearest >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * nearest);
    const time = offset / sampleRate;
    const tones = frequencies.reduce((sum, hertz) => sum + Math.sin(2 * Math.PI * hertz * time), 0);
    sound[first + offset] = (sound[first + offset] ?? 0) + TONE_LEVEL * height * tones;
  }
}
