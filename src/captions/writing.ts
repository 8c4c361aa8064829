/** How scripts are written: what goes between two pieces of text, and how much room a text takes. */

// Scripts without spaces between words, and the punctuation and full-width forms that go with them.
const SPACELESS =
  '\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}\\u3000-\\u303F\\uFF00-\\uFFEF';
const WIDE = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\u3000-\u303F\uFF01-\uFF60]/u;
const STARTS_SPACELESS = new RegExp(`^[${SPACELESS}]`, 'u');
const ENDS_SPACELESS = new RegExp(`[${SPACELESS}]$`, 'u');

const ONLY_PUNCTUATION = /^[\p{P}\s]+$/u;
const FOLLOWS_WORD =
  /^(?:[\p{Pe}\p{Pf}!?;…%।॥؟،؛۔]|[.,:](?![\p{L}\p{N}])|['’](?:s|t|d|m|re|ve|ll)\b)/iu;
const LEADING_STOPS = new RegExp(
  `^(?:[.,!?;:…।॥؟،؛۔]+(?=\\s|$|[${SPACELESS}])|[。、，！？；：]+)\\s*`,
  'u',
);
// With the quotes and brackets that close behind it.
const LAST_STOP = /[.,!?;:…。、，．！？；：।॥؟،؛۔]+[\p{Pe}\p{Pf}"'’]*$/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

// A line holds 42 Latin characters or 16 wide ones.
const WIDE_CHARACTER = 42 / 16;

/** One line without surrounding space. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

export function isPunctuation(text: string): boolean {
  return ONLY_PUNCTUATION.test(text);
}

export function startsSpaceless(text: string): boolean {
  return STARTS_SPACELESS.test(text);
}

/** What belongs between two pieces of text of which neither continues a word of the other. */
export function joint(before: string, after: string): '' | ' ' {
  if (before === '' || after === '') return '';
  if (FOLLOWS_WORD.test(after) || isPunctuation(after)) return '';
  return ENDS_SPACELESS.test(before) && STARTS_SPACELESS.test(after) ? '' : ' ';
}

/** Without the stops and commas at its beginning, which belong to a sentence before. */
export function withoutLeadingStops(text: string): string {
  return text.replace(LEADING_STOPS, '');
}

/** Without the stop at its end, and what closes with it. */
export function withoutLastStop(text: string): string {
  return text.replace(LAST_STOP, '');
}

/** Only its letters and digits, in lower case: what a text says, however it is written. */
export function bare(text: string): string {
  return text.toLowerCase().replace(/[\p{P}\s]+/gu, '');
}

export interface WrittenWord {
  readonly text: string;
  /** The offset behind it. */
  readonly end: number;
}

/** The words of a text, by its script. */
export function words(text: string): WrittenWord[] {
  return Array.from(wordSegmenter.segment(text))
    .filter(({ isWordLike }) => isWordLike === true)
    .map(({ segment, index }) => ({ text: segment, end: index + segment.length }));
}

/** The offsets behind its words and marks. */
export function wordEnds(text: string): number[] {
  return Array.from(wordSegmenter.segment(text))
    .filter(({ segment }) => segment.trim() !== '')
    .map(({ segment, index }) => index + segment.length);
}

export interface Extent {
  /** The offset after a character, as people see characters. */
  readonly at: number;
  /** Of the text up to there, in Latin characters. */
  readonly width: number;
}

export function* widths(text: string): Generator<Extent> {
  let width = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    width += WIDE.test(segment) ? WIDE_CHARACTER : 1;
    yield { at: index + segment.length, width };
  }
}

/** Where a text may be cut between two words: before a space, or between words that have none. */
export function* wordBoundaries(text: string): Generator<number> {
  for (const { segment, index } of wordSegmenter.segment(text)) {
    if (index === 0) continue;
    if (/^\s/.test(segment)) yield index;
    else if (isPunctuation(segment) || /\s$/.test(text.slice(0, index))) continue;
    else if (startsSpaceless(segment) || ENDS_SPACELESS.test(text.slice(0, index))) yield index;
  }
}
