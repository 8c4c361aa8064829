import { oneLine, type Passage } from './passage.js';

/** When the text of a passage was said, by the offsets in it. Never falls; within the passage's own times. */
export interface WordTimes {
  /** @param offset of the first unit of a piece of text */
  readonly startAt: (offset: number) => number;
  /** @param offset behind the last unit of a piece of text */
  readonly endAt: (offset: number) => number;
}

/** Times that are known, by the offsets in the text. Two lists, as there are two for each word of hours. */
interface Anchors {
  readonly offsets: number[];
  readonly times: number[];
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
  const anchors: Anchors = { offsets: [0], times: [from] };
  let offset = 0;
  let time = from;
  const add = (at: number, when: number) => {
    time = Math.min(to, Math.max(time, Math.round(when)));
    anchors.offsets.push(at);
    anchors.times.push(time);
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
  anchors.offsets.push(text.length);
  anchors.times.push(to);
  return {
    startAt: (at) => timeAfter(anchors, lastAtOrBefore(anchors, at), at),
    endAt: (at) => timeAfter(anchors, lastAtOrBefore(anchors, at - 1), at),
  };
}

function lastAtOrBefore({ offsets }: Anchors, offset: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((offsets[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** At an offset between an anchor and the next. */
function timeAfter({ offsets, times }: Anchors, index: number, offset: number): number {
  const before = offsets[index] ?? 0;
  const after = offsets[index + 1] ?? before;
  const from = times[index] ?? 0;
  const to = times[index + 1] ?? from;
  if (after <= before) return from;
  return Math.round(from + ((offset - before) / (after - before)) * (to - from));
}
