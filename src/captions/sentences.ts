import { startsSpaceless } from './writing.js';

// Stops that end a sentence whatever follows, and those that may also stand inside one.
const STOPS = /([。！？．｡।॥؟۔።፧။៕]+|[.?!…‼⁇⁈⁉]+)([\p{Pe}\p{Pf}"'’]*)/gu;
const CLEAR_STOP = /^[。！？．｡।॥؟۔።፧။៕]/u;
const CLAUSES = /(?:[，、；：،؛]|[,;:—–](?=\s|$|["'’”)]))[\p{Pe}\p{Pf}"'’]*/gu;

// Without their last stop, in lower case.
const BEFORE_ANYTHING = new Set(
  'dr mr mrs ms mx prof st mt gen sen rep gov capt lt col sgt rev hon vs cf e.g i.e approx dra sr sra srta mme mlle bzw ca z.b d.h'.split(
    ' ',
  ),
);
const BEFORE_SMALL_LETTERS = new Set('etc inc ltd co corp jr a.m p.m est dept usw'.split(' '));
const BEFORE_NUMBERS = new Set('no nr fig vol art sec p pp'.split(' '));

/**
 * The first place from `from` on where a sentence ends, its closing quotes and brackets included.
 *
 * A stop at the very end of the text, after which anything may still come, counts only when it is clear: after
 * `Dr` or a figure (`3.` may become `3.5`) it does not.
 */
export function findSentenceEnd(text: string, from: number): number | undefined {
  for (const match of text.matchAll(STOPS)) {
    const end = match.index + match[0].length;
    if (end < from) continue;
    const [, stop = '', closing = ''] = match;
    const before = text.slice(0, match.index);
    if (endsSentence(before, stop, closing, text.slice(end))) return end;
  }
  return undefined;
}

/** All places where a clause ends: after a comma, semicolon, colon or dash. */
export function clauseEnds(text: string): number[] {
  return Array.from(text.matchAll(CLAUSES), (match) => match.index + match[0].length);
}

function endsSentence(before: string, stop: string, closing: string, after: string): boolean {
  if (CLEAR_STOP.test(stop)) return true;
  if (after !== '' && !/^\s/.test(after) && !startsSpaceless(after)) return false;
  const next = after.trimStart();
  const goesOnSmall = /^\p{Ll}/u.test(next);
  // `"Really?" she said`, and a hesitation in the middle of a sentence.
  if (goesOnSmall && (closing !== '' || /^(?:…|\.\.)/.test(stop))) return false;
  return stop !== '.' || closing !== '' || !isAbbreviation(before, next);
}

function isAbbreviation(before: string, next: string): boolean {
  const token = /[\p{L}\p{N}.]+$/u.exec(before)?.[0] ?? '';
  const word = token.toLowerCase();
  if (BEFORE_ANYTHING.has(word)) return true;
  if (BEFORE_SMALL_LETTERS.has(word)) return next === '' || /^[\p{Ll}\p{N},]/u.test(next);
  // Alone at the end, `No.` is an answer.
  if (BEFORE_NUMBERS.has(word)) return /^\p{N}/u.test(next);
  if (/\p{N}$/u.test(token)) return next === '';
  // `U.S`, and initials. The pronoun is the only English word of one capital.
  return /^(?:(?:\p{L}\.)+\p{L}|\p{Lu})$/u.test(token) && token !== 'I';
}
