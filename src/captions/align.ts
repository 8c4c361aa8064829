import { startsSpaceless } from './writing.js';

/** Where a word stands in a text, in UTF-16 units. */
export interface Place {
  readonly from: number;
  readonly to: number;
  /** The word itself stands there; else it is about there. */
  readonly exact: boolean;
}

// Farther away than this, the same letters are more likely another word.
const REACH = 40;

/**
 * Finds the words of a recogniser in the text that it gave for them. The two differ in capitals and punctuation,
 * and numbers may be written out in only one: what is not found shares the place between its neighbours.
 */
export function align(text: string, words: readonly string[]): Place[] {
  const lower = lowerCase(text);
  const found: (Place | undefined)[] = [];
  let cursor = 0;
  for (const word of words) {
    const place = find(lower, bare(lowerCase(word)), cursor);
    found.push(place);
    if (place) cursor = place.to;
  }
  return fillIn(found, text);
}

function find(text: string, word: string, cursor: number): Place | undefined {
  if (word === '') return undefined;
  for (
    let from = text.indexOf(word, cursor);
    from >= 0 && from <= cursor + REACH;
    from = text.indexOf(word, from + 1)
  ) {
    if (from === cursor || beginsWord(text, from)) {
      return { from, to: from + word.length, exact: true };
    }
  }
  return undefined;
}

function beginsWord(text: string, at: number): boolean {
  return startsSpaceless(text.slice(at)) || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1));
}

function fillIn(found: readonly (Place | undefined)[], text: string): Place[] {
  const places: Place[] = [];
  let index = 0;
  while (index < found.length) {
    const place = found[index];
    if (place) {
      places.push(place);
      index += 1;
      continue;
    }
    let next = index;
    while (next < found.length && found[next] === undefined) next += 1;
    const [from, to] = trim(text, places.at(-1)?.to ?? 0, found[next]?.from ?? text.length);
    const count = next - index;
    const offset = (step: number): number => from + Math.floor(((to - from) * step) / count);
    for (let step = 0; step < count; step += 1) {
      places.push({ from: offset(step), to: offset(step + 1), exact: false });
    }
    index = next;
  }
  return places;
}

/** Without the space and punctuation around. */
function trim(text: string, from: number, to: number): [number, number] {
  const part = text.slice(from, to);
  const lead = /^[\p{P}\s]*/u.exec(part)?.[0].length ?? 0;
  const length = bare(part).length;
  return [from + lead, from + lead + length];
}

/** In lower case of the same length, so that offsets hold. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function bare(word: string): string {
  return word.replace(/^[\p{P}\s]+|[\p{P}\s]+$/gu, '');
}
