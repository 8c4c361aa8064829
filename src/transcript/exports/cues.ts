import { joint } from '../../captions/writing.js';
import { cut } from './cut.js';
import { lineWidth, linesOf } from './lines.js';
import { LINE_WIDTH, widthOf } from './measure.js';
import { inOrder, labelOf, type Passage } from './passage.js';
import { type Piece, piecesOf } from './pieces.js';
import { BETWEEN_MS, LONGEST_DELAY_MS, LONGEST_MS, readingMs, SHORTEST_MS } from './rules.js';

/** What is shown at once. Times are whole milliseconds. */
export interface Cue {
  /** That of its passage, with its number where the passage has several. Not unique where those of passages are not. */
  readonly id: string;
  readonly start: number;
  readonly end: number;
  /** Who speaks, as people are to see it. */
  readonly label: string;
  readonly language: string | undefined;
  /** One or two. */
  readonly lines: readonly string[];
}

export interface LayoutOptions {
  /** What will stand before the first line, such as the speaker's name; it takes room there. Default: nothing. */
  readonly before?: (label: string) => string;
}

/** A cue whose times are still those of the speech, and that may still become one with the next. */
interface Draft extends Omit<Cue, 'lines'> {
  readonly pieces: readonly Piece[];
  readonly indent: number;
}

/** A cue whose times are still those of the speech. */
interface Untimed extends Cue {
  /** How long it takes to read. */
  readonly readingMs: number;
}

/**
 * What was said, as subtitles: at most two lines of 42 characters, or 16 wide ones; for 1 to 7 seconds; of one speaker
 * one at a time, with 80 ms between two; cut where sentences and clauses end; long enough to be read where the words
 * leave the time for it. Where they come faster than that, a cue comes later rather than not at all.
 * @returns the cues by start, then end
 */
export function layOut(passages: readonly Passage[], { before }: LayoutOptions = {}): Cue[] {
  const speakers = new Map<string, Passage[]>();
  for (const passage of inOrder(passages)) {
    const speaker = JSON.stringify([passage.speaker.identity, passage.speaker.label]);
    const said = speakers.get(speaker);
    if (said) said.push(passage);
    else speakers.set(speaker, [passage]);
  }
  return [...speakers.values()]
    .flatMap((said) => {
      const label = said[0] ? labelOf(said[0].speaker) : '';
      const indent = before ? widthOf(before(label)) : 0;
      return timed([...together(draftsOf(said, label, indent))]);
    })
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

/** By their starts. What is cut from a passage begins no sooner than that, so that only little waits for its turn. */
function* draftsOf(said: readonly Passage[], label: string, indent: number): Generator<Draft> {
  let waiting: Draft[] = [];
  for (const passage of said) {
    const begins = Math.max(0, Math.round(passage.start));
    yield* waiting.filter(({ start }) => start <= begins);
    waiting = waiting.filter(({ start }) => start > begins);
    waiting.push(...cutUp(passage, label, indent));
    waiting.sort((one, other) => one.start - other.start);
  }
  yield* waiting;
}

function cutUp(passage: Passage, label: string, indent: number): Draft[] {
  const cues = cut(piecesOf(passage, LINE_WIDTH - indent), indent);
  return cues.map((pieces, index) => ({
    id: cues.length > 1 ? `${passage.id}.${index + 1}` : passage.id,
    start: pieces[0]?.start ?? 0,
    end: pieces.at(-1)?.end ?? 0,
    label,
    language: passage.language,
    pieces,
    indent,
  }));
}

/**
 * What comes so fast upon something else that this could not be shown long enough is shown with it. The pieces, which
 * are much more than their text, go with that.
 */
function* together(drafts: Iterable<Draft>): Generator<Untimed> {
  let last: Draft | undefined;
  for (const draft of drafts) {
    const one = last && joined(last, draft);
    if (last && !one) yield laidOut(last);
    last = one ?? draft;
  }
  if (last) yield laidOut(last);
}

function laidOut({ pieces, indent, ...draft }: Draft): Untimed {
  const readingMs = readingTime(lineWidth(pieces) + indent);
  return { ...draft, lines: linesOf(pieces, indent) ?? [], readingMs };
}

function joined(one: Draft, next: Draft): Draft | undefined {
  const end = Math.max(one.end, next.end);
  if (next.start - one.start >= SHORTEST_MS + BETWEEN_MS) return undefined;
  if (end - one.start > LONGEST_MS || one.language !== next.language) return undefined;
  const last = one.pieces.at(-1);
  const [first, ...rest] = next.pieces;
  if (!first || !last) return undefined;
  const space = joint(last.text, first.text).length;
  const pieces = [...one.pieces, { ...first, space }, ...rest];
  return linesOf(pieces, one.indent) && { ...one, end, pieces };
}

function timed(cues: readonly Untimed[]): Cue[] {
  const delays = delaysOf(cues);
  let free = 0;
  return cues.map(({ readingMs, ...cue }, index) => {
    const start = Math.max(cue.start, free);
    const room = (cues[index + 1]?.start ?? Infinity) - BETWEEN_MS;
    const spoken = Math.min(cue.end, room);
    const read = Math.min(start + readingMs, room + (delays[index + 1] ?? 0));
    const end = Math.max(start + SHORTEST_MS, Math.min(start + LONGEST_MS, Math.max(spoken, read)));
    free = end + BETWEEN_MS;
    return { ...cue, start, end };
  });
}

/** How much later than its speech each cue may come, so that the one before can be read, and it can be read too. */
function delaysOf(cues: readonly Untimed[]): number[] {
  const delays: number[] = [];
  let nextStart = Infinity;
  for (const [index, { start, readingMs }] of [...cues.entries()].reverse()) {
    const latest = nextStart - BETWEEN_MS - readingMs;
    const delay = Math.max(0, Math.min(LONGEST_DELAY_MS, latest - start));
    delays[index] = delay;
    nextStart = start + delay;
  }
  return delays;
}

function readingTime(width: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, readingMs(width)));
}
