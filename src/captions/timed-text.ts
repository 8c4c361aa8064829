import type { Word } from '../pulse/events.js';
import { align, type Place } from './align.js';
import { joint } from './writing.js';

/** When the part of a text between two offsets was said. */
export interface Mark extends Place {
  readonly start: number;
  readonly end: number;
  /** With diarization: which of the voices on this track. */
  readonly voice: string | undefined;
  readonly word: Word | undefined;
}

/** Text that knows when each part of it was said. Marks are in the order of the text. */
export interface TimedText {
  readonly text: string;
  readonly marks: readonly Mark[];
}

export const NO_TEXT: TimedText = { text: '', marks: [] };

export interface Recognised {
  readonly start: number;
  readonly end: number;
  readonly words: readonly Word[];
  readonly speaker?: string;
}

/** @param text what was recognised, in one line */
export function timedText(text: string, { start, end, words, speaker }: Recognised): TimedText {
  if (text === '') return NO_TEXT;
  if (words.length === 0) {
    return {
      text,
      marks: [
        { from: 0, to: text.length, exact: true, start, end, voice: speaker, word: undefined },
      ],
    };
  }
  const places = align(
    text,
    words.map((word) => word.text),
  );
  const marks = words.map((word, index) => ({
    ...(places[index] ?? { from: text.length, to: text.length, exact: false }),
    start: word.start,
    end: Math.max(word.start, word.end),
    voice: word.speaker ?? speaker,
    word,
  }));
  return { text, marks };
}

/** @param glued the second continues the last word of the first */
export function append(first: TimedText, second: TimedText, glued: boolean): TimedText {
  const before = first.text + (glued ? '' : joint(first.text, second.text));
  const moved = second.marks.map((mark) => ({
    ...mark,
    from: mark.from + before.length,
    to: mark.to + before.length,
  }));
  return { text: before + second.text, marks: [...first.marks, ...moved] };
}

/** Cuts at an offset; the space there is in neither part. A word across it is cut in proportion to its letters. */
export function split({ text, marks }: TimedText, at: number): [TimedText, TimedText] {
  const rest = text.slice(at);
  const tailText = rest.trimStart();
  const skip = at + rest.length - tailText.length;
  const head: Mark[] = [];
  const tail: Mark[] = [];
  for (const mark of marks) {
    const middle = mark.exact ? at : (mark.from + mark.to) / 2;
    if (mark.to <= at && (mark.from < at || at === text.length)) head.push(mark);
    else if (mark.from >= at || middle > at) tail.push(shift(mark, skip));
    else if (!mark.exact) head.push({ ...mark, to: at });
    else {
      const [left, right] = splitMark(mark, text, at);
      head.push(left);
      tail.push(shift(right, skip));
    }
  }
  const cutTime = head.at(-1)?.end ?? tail[0]?.start ?? 0;
  return [withMarks(text.slice(0, at), head, cutTime), withMarks(tailText, tail, cutTime)];
}

/** From the first sound to the last; undefined for no text. */
export function span({ marks }: TimedText): { start: number; end: number } | undefined {
  if (marks.length === 0) return undefined;
  return {
    start: marks.reduce((least, { start }) => Math.min(least, start), Infinity),
    end: marks.reduce((most, { end }) => Math.max(most, end), -Infinity),
  };
}

function shift(mark: Mark, by: number): Mark {
  return { ...mark, from: Math.max(0, mark.from - by), to: Math.max(0, mark.to - by) };
}

function splitMark(mark: Mark, text: string, at: number): [Mark, Mark] {
  const { from, to, start, end, word } = mark;
  const middle = start + ((end - start) * (at - from)) / (to - from);
  const left = text.slice(from, at);
  const right = text.slice(at, to).trimStart();
  return [
    { ...mark, to: at, end: middle, word: word && { ...word, text: left, end: middle } },
    { ...mark, from: at, start: middle, word: word && { ...word, text: right, start: middle } },
  ];
}

/** Words may be missing from what the recogniser gave: the text is timed all the same. */
function withMarks(text: string, marks: readonly Mark[], time: number): TimedText {
  if (text === '' || marks.length > 0) return { text, marks };
  const mark = { from: 0, to: text.length, exact: true, start: time, end: time };
  return { text, marks: [{ ...mark, voice: undefined, word: undefined }] };
}
