import { wordBoundaries } from '../../captions/writing.js';

/** Of a line, in Latin characters. */
export const LINE_WIDTH = 42;
/** Chinese, Japanese and Korean characters: 16 fill a line. */
const WIDE_WIDTH = LINE_WIDTH / 16;
const WIDE = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\u3000-\u30FF\uFF01-\uFF60]/u;

// Of these, each UTF-16 unit is a character: no need to segment them, which is slow.
const LATIN =
  '\\u0020-\\u007E\\u00A1-\\u00AC\\u00AE-\\u024F\\u0370-\\u0482\\u048A-\\u052F\\u2010-\\u2027';
const ALL_LATIN = new RegExp(`^[${LATIN}]*$`);
const ALL_SIMPLE = new RegExp(
  `^[${LATIN}\\u3001-\\u3029\\u3030-\\u3098\\u309B-\\u30FF\\u3400-\\u4DBF\\u4E00-\\u9FFF\\uAC00-\\uD7A3\\uFF01-\\uFF60]*$`,
);
const FIRST_WIDE = 0x3000;

// In French, a space stands before these.
const SPACES = /(?<![«¿¡([]) (?![»!?:;…)\]])/g;
const OPENING = /[\p{Ps}\p{Pi}]$/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The room that a text takes on a line, in Latin characters. */
export function widthOf(text: string): number {
  if (ALL_LATIN.test(text)) return text.length;
  return charactersOf(text).at(-1)?.width ?? 0;
}

export interface Character {
  /** The offset behind it. */
  readonly at: number;
  /** Of the text up to there. */
  readonly width: number;
}

/** The characters of a text, as people see characters. */
export function charactersOf(text: string): Character[] {
  let width = 0;
  if (ALL_SIMPLE.test(text)) {
    return Array.from({ length: text.length }, (_, index) => {
      width += text.charCodeAt(index) >= FIRST_WIDE ? WIDE_WIDTH : 1;
      return { at: index + 1, width };
    });
  }
  return Array.from(graphemes.segment(text), ({ segment, index }) => {
    width += WIDE.test(segment) ? WIDE_WIDTH : 1;
    return { at: index + segment.length, width };
  });
}

/** The offsets at which a line may end: before a space, or between two words of a script that has none. */
export function breaksIn(text: string): number[] {
  if (ALL_LATIN.test(text)) return Array.from(text.matchAll(SPACES), ({ index }) => index);
  const breaks = Array.from(wordBoundaries(text)).filter(
    (at) => !OPENING.test(text.slice(at - 2, at)),
  );
  if (ALL_SIMPLE.test(text)) return breaks;
  const ends = new Set([0, ...charactersOf(text).map(({ at }) => at)]);
  // A mark may stand on a space.
  return breaks.filter((at) => ends.has(at) && ends.has(text[at] === ' ' ? at + 1 : at));
}

/** Where to cut what does not fit a line, into pieces of about the same width and whole characters. */
export function hardBreaksIn(text: string, lineWidth: number): number[] {
  const whole = widthOf(text);
  const most = whole / Math.ceil(whole / lineWidth);
  const breaks: number[] = [];
  let before: Character = { at: 0, width: 0 };
  let lineStart = 0;
  for (const character of charactersOf(text)) {
    if (before.at > 0 && character.width - lineStart > most) {
      breaks.push(before.at);
      lineStart = before.width;
    }
    before = character;
  }
  return breaks;
}
