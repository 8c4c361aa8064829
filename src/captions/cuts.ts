import { clauseEnds, findSentenceEnd } from './sentences.js';
import type { TimedText } from './timed-text.js';
import { startsSpaceless, widths, wordBoundaries, type Extent } from './writing.js';

export interface CutRules {
  /** Milliseconds between two words that end a segment. */
  readonly pauseMs: number;
  /** Latin characters that a segment holds. */
  readonly maxLength: number;
}

// From this part of the longest on, a segment takes the next end of a clause rather than run on.
const CLAUSE_AFTER = 0.75;
// A word that is longer than this part of the longest segment is cut itself.
const LONGEST_WORD = 0.5;

/**
 * The first place from `from` on where a text ends one segment and begins the next: the end of a sentence, a
 * pause, a change of voice, or, where none of them comes in time, of a clause or word. What is said later does not move
 * it: as a text grows its cuts stay where they are.
 * @returns an offset above 0, at most the length of the text
 */
export function findCut(said: TimedText, from: number, rules: CutRules): number | undefined {
  const first = Math.max(1, from);
  const natural = least(findSentenceEnd(said.text, first), findTurn(said, first, rules.pauseMs));
  const text = said.text.slice(0, natural);
  const room = placesIn(text, first, rules.maxLength);
  const last = room.at(-1);
  if (natural !== undefined && (last?.width ?? 0) <= rules.maxLength) return natural;
  return findLengthCut(text.slice(0, last?.at), room, first, rules.maxLength) ?? natural;
}

/** Its characters, as far as a cut may be: of a long text only the beginning is looked at. */
function placesIn(text: string, from: number, maxLength: number): Extent[] {
  const places: Extent[] = [];
  for (const place of widths(text)) {
    places.push(place);
    if (place.width > maxLength * (1 + LONGEST_WORD) && place.at > from) break;
  }
  return places;
}

function findTurn({ text, marks }: TimedText, from: number, pauseMs: number): number | undefined {
  let before = marks[0];
  let voice = before?.voice;
  for (const mark of marks.slice(1)) {
    const paused = before !== undefined && mark.start - before.end > pauseMs;
    const changed = mark.voice !== undefined && voice !== undefined && mark.voice !== voice;
    if (before && (paused || changed)) {
      const at = gapBetween(text, before.to, mark.from);
      if (at !== undefined && at >= from && at < text.length) return at;
    }
    voice = mark.voice ?? voice;
    before = mark;
  }
  return undefined;
}

/** Where the text between two words may be parted; undefined inside a word. */
function gapBetween(text: string, from: number, to: number): number | undefined {
  const space = text.slice(from, to).search(/\s/);
  if (space >= 0) return from + space;
  return startsSpaceless(text.slice(to)) ? to : undefined;
}

/** @param places the text's characters, as `widths` gives them */
function findLengthCut(
  text: string,
  places: readonly Extent[],
  from: number,
  maxLength: number,
): number | undefined {
  const within = (length: number): number =>
    places.findLast(({ width }) => width <= length)?.at ?? 0;
  const fit = within(maxLength);
  const ripe = within(maxLength * CLAUSE_AFTER);
  const clause = clauseEnds(text).find((at) => at >= from && at > ripe && at <= fit);
  if (clause !== undefined || fit === text.length) return clause;

  const words = [...wordBoundaries(text)].filter((at) => at >= from);
  const word = words.findLast((at) => at <= fit);
  if (word !== undefined) return word;
  const reach = within(maxLength * (1 + LONGEST_WORD));
  const next = words.find((at) => at <= reach);
  if (next !== undefined) return next;
  // No word ends in reach. It may still do so; else it is torn between two characters.
  return reach === text.length ? undefined : Math.max(from, fit);
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other;
  return other === undefined ? one : Math.min(one, other);
}
