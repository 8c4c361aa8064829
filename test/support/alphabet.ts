import { VOCABULARY } from '../../src/devkit/pulse-server/exact/index.js';
import { normalisedWords } from './wer.js';

/** What became of the words that were said. All zero, and all lists empty, is perfect. */
export interface Tally {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Heard, but never said. */
  readonly foreign: readonly string[];
  /** How many words would have to move for the order to be right. */
  readonly disordered: number;
}

export const PERFECT: Tally = { lost: [], doubled: [], foreign: [], disordered: 0 };

/** Words of the sound alphabet, by their indices, as they are written. */
export function alphabetWords(indices: readonly number[]): string[] {
  return indices.map((index) => VOCABULARY[index % VOCABULARY.length] ?? '');
}

/** Compares words that were said with a text that was heard, punctuation and capitals aside. */
export function tally(said: readonly string[], heard: string): Tally {
  const left = counts(said);
  const known = new Set(said);
  const kept: string[] = [];
  const doubled: string[] = [];
  const foreign: string[] = [];
  for (const word of normalisedWords(heard)) {
    const remaining = left.get(word) ?? 0;
    left.set(word, remaining - 1);
    if (remaining > 0) kept.push(word);
    else (known.has(word) ? doubled : foreign).push(word);
  }
  const lost = [...left].flatMap(([word, count]) => Array<string>(Math.max(0, count)).fill(word));
  return { lost, doubled, foreign, disordered: kept.length - longestInOrder(said, kept) };
}

function counts(words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}

/** Length of the longest common subsequence. */
function longestInOrder(one: readonly string[], other: readonly string[]): number {
  let previous = new Array<number>(other.length + 1).fill(0);
  for (const word of one) {
    const current = [0];
    for (const [index, candidate] of other.entries()) {
      const skip = Math.max(previous[index + 1] ?? 0, current[index] ?? 0);
      current.push(word === candidate ? (previous[index] ?? 0) + 1 : skip);
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
