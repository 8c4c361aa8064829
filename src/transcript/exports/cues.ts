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

/** A cue whose times are still those of the speech. */
interface Draft extends Omit<Cue, 'lines'> {
  readonly pieces: readonly Piece[];
  readonly indent: number;
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
      const drafts = said.flatMap((passage) => draftsOf(passage, label, indent));
      return timed(together(drafts.sort((one, other) => one.start - other.start)));
    })
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

function draftsOf(passage: Passage, label: string, indent: number): Draft[] {
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

/** What comes so fast upon something else that this could not be shown long enough is shown with it. */
function together(drafts: readonly Draft[]): Draft[] {
  const result: Draft[] = [];
  for (const draft of drafts) {
    const last = result.at(-1);
    const one = last && joined(last, draft);
    if (one) result[result.length - 1] = one;
    else result.push(draft);
  }
  return result;
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

function timed(drafts: readonly Draft[]): Cue[] {
  const delays = delaysOf(drafts);
  let free = 0;
  return drafts.map(({ pieces, indent, ...draft }, index) => {
    const start = Math.max(draft.start, free);
    const room = (drafts[index + 1]?.start ?? Infinity) - BETWEEN_MS;
    const spoken = Math.min(draft.end, room);
    const read = Math.min(start + readingTime({ pieces, indent }), room + (delays[index + 1] ?? 0));
    const end = Math.max(start + SHORTEST_MS, Math.min(start + LONGEST_MS, Math.max(spoken, read)));
    free = end + BETWEEN_MS;
    return { ...draft, start, end, lines: linesOf(pieces, indent) ?? [] };
  });
}

/** How much later than its speech each cue may come, so that the one before can be read, and it can be read too. */
function delaysOf(drafts: readonly Draft[]): number[] {
  const delays: number[] = [];
  let nextStart = Infinity;
  for (const [index, draft] of [...drafts.entries()].reverse()) {
    const latest = nextStart - BETWEEN_MS - readingTime(draft);
    const delay = Math.max(0, Math.min(LONGEST_DELAY_MS, latest - draft.start));
    delays[index] = delay;
    nextStart = draft.start + delay;
  }
  return delays;
}

function readingTime({ pieces, indent }: Pick<Draft, 'pieces' | 'indent'>): number {
  const needed = readingMs(lineWidth(pieces) + indent);
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, needed));
}
