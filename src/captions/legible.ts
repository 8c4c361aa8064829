/** Characters, as people see them, of a name that is shown. */
const LONGEST = 64;
/** One character of more UTF-16 units than this is a heap of marks: the longest emoji have 35. */
const LONGEST_CHARACTER = 40;

// Control characters would break lines and terminals, directional ones would turn the text around them, and
// what has no width would make two names of one. The joiners stay: scripts and emoji need them.
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]/gu;
const ONLY_INVISIBLE = /^[\p{Cf}\p{M}\s]*$/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * A name that may come from anybody, as it can be shown to everybody: one short line that touches nothing around it.
 * Markup stays as it is: it is text, for whoever shows it to show as text. Empty when nothing is left to see.
 */
export function legible(text: string): string {
  // What is far too long is not even looked at to its end.
  const beginning = text.slice(0, LONGEST * LONGEST_CHARACTER);
  const line = beginning.replace(UNSAFE, ' ').replace(/\s+/g, ' ').trim();
  if (ONLY_INVISIBLE.test(line)) return '';
  let shown = '';
  let count = 0;
  for (const { segment } of graphemes.segment(line)) {
    if (count === LONGEST) return `${shown.trimEnd()}…`;
    shown +=
      segment.length > LONGEST_CHARACTER ? Array.from(segment).slice(0, 4).join('') : segment;
    count += 1;
  }
  return shown;
}
