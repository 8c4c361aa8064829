import { alignedPrefix } from './aligned-prefix.js';
import { bare, joint, words, wordEnds, withoutLastStop, withoutLeadingStops } from './writing.js';

// In letters: what may be taken back at first and at most, and for each letter that is settled.
const FIRST_ALLOWANCE = 16;
const LARGEST_ALLOWANCE = 24;
const EARNED = 0.05;

/**
 * What is shown of the text that the recogniser may still change. Reading jumps when words are taken back, so:
 *
 * - What is shown is changed only when two readings in a row say that it is wrong: a reading may be alone with it.
 * - New words are shown at once, as many as there is an allowance for. It is spent by words that are taken back and earned by
 *   text that is settled: a recogniser that seldom revises shows everything at once, and for one that often does the
 *   newest words wait for a second reading that has them.
 * - A stop at the very end is left out: it often moves as soon as the next word is heard.
 * - What a final does not speak for stays until the next reading.
 */
export class Unsettled {
  #reading = '';
  #shown = '';
  #allowance = FIRST_ALLOWANCE;

  get shown(): string {
    return this.#shown;
  }

  /** @param text all that is unsettled now, in one line */
  read(text: string): void {
    const before = this.#reading;
    this.#reading = withoutLastStop(text);
    const shown = this.#next(before);
    this.#earn(-takenBack(this.#shown, shown));
    this.#shown = shown;
  }

  /** @param text that is settled now, instead of the beginning of what was unsettled */
  settle(text: string): void {
    const rest = beyond(text, this.#shown);
    const settled = text + joint(text, rest) + rest;
    this.#earn(EARNED * bare(text).length - takenBack(this.#shown, settled));
    this.#reading = beyond(text, this.#reading);
    this.#shown = rest;
  }

  clear(): void {
    this.#reading = '';
    this.#shown = '';
  }

  #next(before: string): string {
    const shown = this.#shown;
    const reading = this.#reading;
    const sure = agreedLength(before, reading);
    const bold = sure + this.#allowance;
    const end = reading.length <= bold ? reading.length : lastEnd(reading, bold);
    const wanted = reading.slice(0, Math.max(sure, end));
    if (reading.startsWith(shown)) return wanted.length > shown.length ? wanted : shown;
    return before.startsWith(shown) ? shown : wanted;
  }

  #earn(letters: number): void {
    this.#allowance = Math.min(LARGEST_ALLOWANCE, this.#allowance + letters);
  }
}

/** Of the words with which both begin. */
function agreedLength(one: string, other: string): number {
  const shared = commonLength(one, other);
  const ends = new Set(wordEnds(one));
  return wordEnds(other).findLast((at) => at <= shared && ends.has(at)) ?? 0;
}

function lastEnd(text: string, most: number): number {
  return wordEnds(text).findLast((at) => at <= most) ?? 0;
}

/** How many letters of a text are gone in the next one. Capitals and stops do not count. */
function takenBack(before: string, after: string): number {
  const letters = bare(before);
  return letters.length - commonLength(letters, bare(after));
}

/** What a reading says beyond the text that has been settled meanwhile. */
function beyond(settled: string, reading: string): string {
  const heard = words(reading);
  const count = alignedPrefix(
    words(settled).map(({ text }) => bare(text)),
    heard.map(({ text }) => bare(text)),
  );
  if (count >= heard.length) return '';
  const from = heard[count - 1]?.end ?? 0;
  return withoutLeadingStops(reading.slice(from).trimStart());
}

function commonLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length += 1;
  return length;
}
