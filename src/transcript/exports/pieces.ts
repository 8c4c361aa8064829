import { clauseEnds, findSentenceEnd } from '../../captions/sentences.js';
import { breaksIn, hardBreaksIn, widthOf } from './measure.js';
import { oneLine, type Passage } from './passage.js';
import { opensPhrase } from './phrases.js';
import { wordTimes } from './word-times.js';

/** What is never cut: a word, or a part of one that is wider than a line. */
export interface Piece {
  readonly text: string;
  readonly width: number;
  /** Of the space before it: 0 or 1. */
  readonly space: number;
  readonly start: number;
  readonly end: number;
  /** What ends with it. */
  readonly ends: 'sentence' | 'clause' | 'phrase' | 'nothing';
}

/** Much longer than a sentence: what is longer is searched for stops bit by bit, as each search reads all of it. */
const LONG_TEXT = 2000;

/** @param lineWidth that no piece is wider than */
export function piecesOf(passage: Passage, lineWidth: number): Piece[] {
  const text = oneLine(passage.text);
  const times = wordTimes(passage, text);
  const sentences = new Set(sentenceEnds(text));
  const clauses = new Set(clauseEnds(text));
  const pieces: { -readonly [Name in keyof Piece]: Piece[Name] }[] = [];
  let from = 0;
  for (const to of [...breaksIn(text), text.length]) {
    for (const part of partsOf(text.slice(from, to), lineWidth)) {
      const start = from + part.offset;
      const end = start + part.text.length;
      const last = pieces.at(-1);
      if (last?.ends === 'nothing' && opensPhrase(part.text)) last.ends = 'phrase';
      pieces.push({
        text: part.text,
        width: part.width,
        space: pieces.length > 0 && text[start - 1] === ' ' ? 1 : 0,
        start: times.startAt(start),
        end: times.endAt(end),
        ends: sentences.has(end) ? 'sentence' : clauses.has(end) ? 'clause' : 'nothing',
      });
    }
    from = to;
  }
  return pieces;
}

interface PieceText {
  readonly offset: number;
  readonly text: string;
  readonly width: number;
}

function partsOf(text: string, lineWidth: number): PieceText[] {
  const offset = text.length - text.trimStart().length;
  const word = text.trim();
  const width = widthOf(word);
  if (word === '' || width <= lineWidth) return word === '' ? [] : [{ offset, text: word, width }];
  const breaks = [0, ...hardBreaksIn(word, lineWidth), word.length];
  return breaks.slice(1).map((end, index) => {
    const start = breaks[index] ?? 0;
    const part = word.slice(start, end);
    return { offset: offset + start, text: part, width: widthOf(part) };
  });
}

/** The end of the text among them. */
function sentenceEnds(text: string): number[] {
  const ends: number[] = [];
  for (let from = 0; from < text.length;) {
    const bit = text.slice(from, from + LONG_TEXT);
    from += findSentenceEnd(bit, 1) ?? bit.length;
    ends.push(from);
  }
  return ends;
}
