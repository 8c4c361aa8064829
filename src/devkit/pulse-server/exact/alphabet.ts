/**
 * Words made of sound that a program reads back exactly. A word is three bursts, each of two tones, one of eight low
 * and one of eight high ones. Which of the three a burst is shows in its tones, and the third follows from the other
 * two: half a word, or the end of one and the beginning of the next, is never taken for a word.
 */
const SPACING_HZ = 110;
const LOWEST_HZ = 1100;
const TONES = 8;
const PLACES = 3;
const SYMBOLS_A_PLACE = 21;

export const LOW_TONES = Array.from({ length: TONES }, (_, tone) => LOWEST_HZ + SPACING_HZ * tone);
export const HIGH_TONES = LOW_TONES.map((frequency) => frequency + SPACING_HZ * TONES);

/** Indices into `LOW_TONES` and `HIGH_TONES`. */
export interface Burst {
  readonly low: number;
  readonly high: number;
}

/** What a burst means: the place in its word, and one of 21 values. */
export interface Symbol {
  readonly place: number;
  readonly value: number;
}

const BURSTS: readonly (readonly Burst[])[] = Array.from({ length: PLACES }, (_, place) =>
  Array.from({ length: TONES * TONES }, (_, pair) => ({
    low: Math.floor(pair / TONES),
    high: pair % TONES,
  }))
    .filter(({ low, high }) => (low + high) % PLACES === place)
    .slice(0, SYMBOLS_A_PLACE),
);

/** Undefined for the pair of tones that stands for nothing. */
export function symbolOf({ low, high }: Burst): Symbol | undefined {
  const place = (low + high) % PLACES;
  const value = BURSTS[place]?.findIndex((burst) => burst.low === low && burst.high === high) ?? -1;
  return value === -1 ? undefined : { place, value };
}

/** The three bursts of a word. @throws RangeError when there is no such word. */
export function burstsOf(word: number): readonly Burst[] {
  const first = Math.floor(word / SYMBOLS_A_PLACE);
  const second = word % SYMBOLS_A_PLACE;
  const values = [first, second, (first + second) % SYMBOLS_A_PLACE];
  return values.map((value, place) => {
    const burst = BURSTS[place]?.[value];
    if (burst === undefined) throw new RangeError(`there is no word ${word}: 0 to ${WORDS - 1}`);
    return burst;
  });
}

/** The word of three values, or undefined when they do not belong together. */
export function wordOf(first: number, second: number, third: number): number | undefined {
  if (third !== (first + second) % SYMBOLS_A_PLACE) return undefined;
  return first * SYMBOLS_A_PLACE + second;
}

const BEGINNINGS = 'ba be bo da di do fa fe go ka ke ki la lo ma mi mo na ne pa ro'.split(' ');
const ENDINGS =
  'bin den dor fal gan ket lam lin lun mer nal nis por ral rem sen tan ter tis von zel'.split(' ');
const WORDS = SYMBOLS_A_PLACE * SYMBOLS_A_PLACE;

/** What to write for each word: 441 distinct ones that can be pronounced and mean nothing, such as `kelam`. */
export const VOCABULARY: readonly string[] = BEGINNINGS.flatMap((beginning) =>
  ENDINGS.map((ending) => beginning + ending),
);
