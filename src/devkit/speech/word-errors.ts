const SMALL = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
  ...['eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen'],
  'nineteen',
];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

const SPOKEN = new Map([
  ['mr', 'mister'],
  ['mrs', 'missus'],
  ['dr', 'doctor'],
]);

/** Whole numbers below a hundred; others stay digits, because how they are read aloud is a matter of taste. */
function spokenNumber(word: string): string[] {
  const value = /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  if (Number.isNaN(value)) return [word];
  const small = SMALL[value];
  if (small !== undefined) return [small];
  const tens = TENS[Math.floor(value / 10)] ?? word;
  const ones = value % 10 === 0 ? undefined : SMALL[value % 10];
  return ones === undefined ? [tens] : [tens, ones];
}

/** The words of a text as they are compared: lower case, no punctuation, small numbers and titles written out. */
export function normalisedWords(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .replace(/[^\p{L}\p{N}']+/gu, ' ')
    .split(' ')
    .map((word) => word.replace(/^'+|'+$/g, ''))
    .filter((word) => word !== '')
    .flatMap(spokenNumber)
    .map((word) => SPOKEN.get(word) ?? word);
}

/** The fewest words to substitute, delete and insert to make one list of the other. */
export function wordErrors(reference: readonly string[], hypothesis: readonly string[]): number {
  let previous = Array.from({ length: hypothesis.length + 1 }, (_, index) => index);
  for (const [row, expected] of reference.entries()) {
    const current = [row + 1];
    for (const [column, heard] of hypothesis.entries()) {
      const substituted = (previous[column] ?? 0) + (expected === heard ? 0 : 1);
      const deleted = (previous[column + 1] ?? 0) + 1;
      const inserted = (current[column] ?? 0) + 1;
      current.push(Math.min(substituted, deleted, inserted));
    }
    previous = current;
  }
  return previous[hypothesis.length] ?? 0;
}

/** Errors per word of the reference: 0 is perfect, and insertions can take it above 1. */
export function wordErrorRate(reference: string, hypothesis: string): number {
  const expected = normalisedWords(reference);
  const errors = wordErrors(expected, normalisedWords(hypothesis));
  if (expected.length === 0) return errors === 0 ? 0 : 1;
  return errors / expected.length;
}
