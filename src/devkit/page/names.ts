/** Control characters, line separators and the marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const LONGEST = 60;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A name made fit to be shown on one line. Names come from strangers. */
export function displayName(given: string): string {
  const name = given.slice(0, 500).replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim();
  if (name === '') return 'Somebody';
  const characters = Array.from(graphemes.segment(name), ({ segment }) => segment);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : name;
}

/** One or two letters for a picture that is not there. */
export function initials(name: string): string {
  const words = name.split(' ').filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  if (first === undefined) return '?';
  return [first, last]
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
