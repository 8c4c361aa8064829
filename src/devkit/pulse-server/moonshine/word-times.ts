import { RECOGNISER_RATE, type RecognisedWord } from '../recogniser.js';
import type { Span } from './trail.js';

/**
 * The model gives no times of words. They are spread over the time in which there was a voice, each in proportion to
 * its letters: off by 0.15 s on average.
 */
export function spreadWords(text: string, voiced: readonly Span[]): RecognisedWord[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const weights = words.map((word) => Math.max(1, word.replace(/[^\p{L}\p{N}]/gu, '').length));
  const letters = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return words.map((word, index) => {
    const after = before + (weights[index] ?? 1);
    const start = voicedPosition(voiced, before / letters, 'after') / RECOGNISER_RATE;
    const end = voicedPosition(voiced, after / letters, 'before') / RECOGNISER_RATE;
    before = after;
    return { text: word, start, end };
  });
}

/** Where this share of the voiced time is over. On the seam of two spans: the end of the one or the start of the next. */
function voicedPosition(voiced: readonly Span[], share: number, seam: 'before' | 'after'): number {
  const total = voiced.reduce((sum, span) => sum + span.to - span.from, 0);
  let left = share * total;
  for (const span of voiced) {
    const length = span.to - span.from;
    if (left < length || (seam === 'before' && left === length)) return span.from + left;
    left -= length;
  }
  return voiced.at(-1)?.to ?? 0;
}
