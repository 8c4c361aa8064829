import { oneLine, type Passage } from './passage.js';

/** When the text of a passage was said, by the offsets in it. Never falls; within the passage's own times. */
export interface WordTimes {
  /** @param offset of the first unit of a piece of text */
  readonly startAt: (offset: number) => number;
  /** @param offset behind the last unit of a piece of text */
  readonly endAt: (offset: number) => number;
}

interface Anchor {
  readonly offset: number;
  readonly time: number;
}

/** How far behind the last word that was found a word is looked for: punctuation, and words that have no times. */
const REACH = 32;
// Without times of its own, it belongs to the word before it.
const PUNCTUATION = /[\p{P}\p{S}]*/uy;

/**
 * By the words' times where they are known, and in proportion to the text between them.
 * @param text the passage's text as one line
 */
export function wordTimes({ start, end, words }: Passage, text: string): WordTimes {
  const from = Math.max(0, Math.round(start));
  const to = Math.max(from, Math.round(end));
  const anchors: Anchor[] = [{ offset: 0, time: from }];
  let offset = 0;
  let time = from;
  const add = (at: number, when: number) => {
    time = Math.min(to, Math.max(time, Math.round(when)));
    anchors.push({ offset: at, time });
  };
  for (const word of words ?? []) {
    const written = oneLine(word.text);
    const found =
      written === '' ? -1 : text.slice(offset, offset + REACH + written.length).indexOf(written);
    if (found < 0) continue;
    add(offset + found, word.start);
    PUNCTUATION.lastIndex = offset + found + written.length;
    PUNCTUATION.test(text);
    offset = PUNCTUATION.lastIndex;
    add(offset, word.end);
  }
  anchors.push({ offset: text.length, time: to });
  return {
    startAt: (at) => {
      const index = lastAtOrBefore(anchors, at);
      return between(anchors[index], anchors[index + 1], at);
    },
    endAt: (at) => {
      const index = lastAtOrBefore(anchors, at - 1) + 1;
      return between(anchors[index - 1], anchors[index], at);
    },
  };
}

function lastAtOrBefore(anchors: readonly Anchor[], offset: number): number {
  let low = 0;
  let high = anchors.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((anchors[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function between(before: Anchor | undefined, after: Anchor | undefined, offset: number): number {
  if (!before || !after || after.offset <= before.offset) return (before ?? after)?.time ?? 0;
  const share = (offset - before.offset) / (after.offset - before.offset);
  return Math.round(before.time + share * (after.time - before.time));
}
