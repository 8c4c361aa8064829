import { LINE_WIDTH } from './measure.js';
import type { Piece } from './pieces.js';

/** Against a difference of as many characters between the lines. */
const NO_PHRASE = 24;
const NO_CLAUSE = 16;
const NO_SENTENCE = 8;
/** A short line above a long one is read more easily than the other way round. */
const TOP_HEAVY = 3;

/** The room that pieces take on one line. */
export function lineWidth(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { width, space }, index) => sum + width + (index > 0 ? space : 0), 0);
}

/**
 * Pieces as the one or two lines of a cue: about as long as each other, the first ending with a sentence or a clause
 * where that costs little.
 * @param indent what stands before them on the first line takes that room
 * @returns undefined where they need more than two lines
 */
export function linesOf(pieces: readonly Piece[], indent: number): readonly string[] | undefined {
  const whole = lineWidth(pieces) + indent;
  if (whole <= LINE_WIDTH) return [joined(pieces)];
  let best: { readonly at: number; readonly cost: number } | undefined;
  let first = indent;
  for (const [index, piece] of pieces.entries()) {
    first += piece.width + (index > 0 ? piece.space : 0);
    const next = pieces[index + 1];
    if (first > LINE_WIDTH || !next) break;
    const second = whole - first - next.space;
    const cost = Math.abs(first - second) + (first > second ? TOP_HEAVY : 0) + lineEnd(piece);
    if (second <= LINE_WIDTH && (!best || cost < best.cost)) best = { at: index + 1, cost };
  }
  return best && [joined(pieces.slice(0, best.at)), joined(pieces.slice(best.at))];
}

function joined(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text, space }, index) => (index > 0 && space > 0 ? ` ${text}` : text))
    .join('');
}

function lineEnd({ ends }: Piece): number {
  switch (ends) {
    case 'sentence':
      return 0;
    case 'clause':
      return NO_SENTENCE;
    case 'phrase':
      return NO_CLAUSE;
    case 'nothing':
      return NO_PHRASE;
  }
}
