/** Control characters, line separators and the marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** No script stacks more marks than that on one letter; those who do cover the lines around. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;
const LONGEST = 60;

/** A name made fit to be shown on one line. Names come from strangers. Show it as text, in a `<bdi>`. */
export function displayName(given: string): string {
  const name = given
    .slice(0, 500)
    .replace(UNPRINTABLE, ' ')
    .replace(STACKED_MARKS, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  if (name === '') return 'Somebody';
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name);
  const characters = Array.from(graphemes, ({ segment }) => segment);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : name;
}
