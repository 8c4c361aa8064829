import { LINE_WIDTH } from './measure.js';
import type { Piece } from './pieces.js';
import { BETWEEN_MS, LONGEST_MS, readingMs, SHORTEST_MS } from './rules.js';

// What each thing that is not as it should be costs. Only how they compare matters.
const ONE_MORE_CUE = 100;
const AMID_PHRASE = 120;
const AMID_CLAUSE = 70;
const AMID_SENTENCE = 30;
const SENTENCE_WITHIN = 10;
const EMPTY = 40;
const TOO_SHORT = 80;
const TOO_FAST_PER_S = 60;
const TOO_FAST_MOST = 150;
const PAUSE_WITHIN_PER_S = 80;
const PAUSE_WITHIN_MOST = 300;
/** Of silence within a cue: no more than a breath. */
const BREATH_MS = 500;
/** Of silence that ends something as a full stop does. */
const PAUSE_MS = 1000;

/**
 * Cuts what somebody said into what is shown at once: two lines and seven seconds at most, of all the ways the one
 * with the fewest, fullest, most readable cues that end where sentences and clauses do.
 * @param pieces none wider than a line with its indent
 * @param indent of the first line of each cue
 */
export function cut(pieces: readonly Piece[], indent: number): Piece[][] {
  // The best way to cut all pieces before an index: what it costs, and where its last cue begins.
  const best: { cost: number; from: number }[] = [{ cost: 0, from: 0 }];
  for (let from = 0; from < pieces.length; from += 1) {
    const before = best[from]?.cost ?? Infinity;
    for (const { to, cost } of cuesFrom(pieces, from, indent)) {
      if (before + cost <= (best[to]?.cost ?? Infinity)) best[to] = { cost: before + cost, from };
    }
  }
  const cues: Piece[][] = [];
  for (let to = pieces.length; to > 0;) {
    const from = best[to]?.from ?? 0;
    cues.unshift(pieces.slice(from, to));
    to = from;
  }
  return cues;
}

/** The cues that may begin with a piece, by the index behind their last one. The first of them always may. */
function* cuesFrom(
  pieces: readonly Piece[],
  from: number,
  indent: number,
): Generator<{ to: number; cost: number }> {
  const first = pieces[from];
  let line = indent;
  let lines = 1;
  let width = indent;
  let within = 0;
  for (let index = from; first && index < pieces.length; index += 1) {
    const piece = pieces[index];
    const previous = index > from ? pieces[index - 1] : undefined;
    if (!piece) return;
    if (previous) {
      if (piece.end - first.start > LONGEST_MS) return;
      within += costWithin(previous, piece);
      width += piece.space;
    }
    width += piece.width;
    const space = previous ? piece.space : 0;
    if (line + space + piece.width <= LINE_WIDTH) line += space + piece.width;
    else if (lines === 2) return;
    else {
      lines = 2;
      line = piece.width;
    }
    const next = pieces[index + 1];
    yield { to: index + 1, cost: within + costOf(first, piece, next, width) };
  }
}

function costWithin(one: Piece, next: Piece): number {
  const pause = Math.max(0, next.start - one.end - BREATH_MS) / 1000;
  return (
    Math.min(PAUSE_WITHIN_MOST, pause * PAUSE_WITHIN_PER_S) +
    (one.ends === 'sentence' ? SENTENCE_WITHIN : 0)
  );
}

function costOf(first: Piece, last: Piece, next: Piece | undefined, width: number): number {
  const room = next ? Math.max(0, next.start - BETWEEN_MS - first.start) : Infinity;
  const missing = Math.max(0, Math.min(readingMs(width), LONGEST_MS) - Math.min(room, LONGEST_MS));
  const empty = 1 - width / (2 * LINE_WIDTH);
  return (
    ONE_MORE_CUE +
    (next ? costOfEnd(last, next) : 0) +
    EMPTY * empty * empty +
    (room < SHORTEST_MS ? TOO_SHORT : 0) +
    Math.min(TOO_FAST_MOST, (missing / 1000) * TOO_FAST_PER_S)
  );
}

function costOfEnd({ ends, end }: Piece, next: Piece): number {
  if (next.start - end >= PAUSE_MS) return 0;
  switch (ends) {
    case 'sentence':
      return 0;
    case 'clause':
      return AMID_SENTENCE;
    case 'phrase':
      return AMID_CLAUSE;
    case 'nothing':
      return AMID_PHRASE;
  }
}
