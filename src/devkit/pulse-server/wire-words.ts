import type { RecognisedWord } from './recogniser.js';

/** A word as both APIs send it. Seconds. */
export interface WireWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly confidence?: number;
}

export interface WireUtterance {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface TextFormat {
  readonly punctuate: boolean;
  readonly capitalize: boolean;
}

const DETECTORS = [
  ...['north_indic', 'multi-asian', 'multi-south-indic', 'multi-eu', 'multi-indic', 'multi'],
];

/** The language of an answer: the one that was asked for, or what an English recogniser detects. */
export function answeredLanguage(language: string): string {
  return DETECTORS.includes(language) ? 'en' : language;
}

export function wireWords(words: readonly RecognisedWord[], format: TextFormat): WireWord[] {
  return words
    .map(({ text, start, end, confidence }) => ({
      word: formatted(text, format),
      start: toMillisecond(start),
      end: toMillisecond(end),
      ...(confidence !== undefined && { confidence }),
    }))
    .filter(({ word }) => word !== '');
}

export function textOf(words: readonly WireWord[]): string {
  return words.map(({ word }) => word).join(' ');
}

/** The words cut after each `.`, `?` and `!`. */
export function sentences(words: readonly WireWord[]): WireUtterance[] {
  const found: WireUtterance[] = [];
  let open: WireWord[] = [];
  for (const [index, word] of words.entries()) {
    open.push(word);
    if (!/[.?!]$/.test(word.word) && index < words.length - 1) continue;
    found.push({ text: textOf(open), start: open[0]?.start ?? word.start, end: word.end });
    open = [];
  }
  return found;
}

export function toMillisecond(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function formatted(text: string, format: TextFormat): string {
  const marked = format.punctuate ? text : text.replace(/[.,!?;:…"]+/g, '');
  return format.capitalize ? marked : marked.toLowerCase();
}
