import type { CaptionSegment } from './caption-store.js';
import { overlap } from './overlap.js';
import type { CaptionPreferences } from './presets.js';

/** What one voice says, on the screen. */
export interface Block {
  readonly segments: readonly CaptionSegment[];
  /** How many lines of it are to be seen, the last ones. */
  readonly lines: number;
  /** It is said at the same time as the block beside it. */
  readonly overlapping: boolean;
}

const MOST_BLOCKS = 3;
/** More than fits into any number of lines. */
const MOST_SEGMENTS = 4;

/**
 * Arranges the captions of the moment: a block for each turn, in the order of turns, and whoever speaks at the same
 * time as another has lines of their own. Pure.
 *
 * @param fresh the segments that are on the screen, in the order in which they began
 */
export function layOut(
  fresh: readonly CaptionSegment[],
  { mode, lines }: Pick<CaptionPreferences, 'mode' | 'lines'>,
): Block[] {
  const turns: CaptionSegment[][] = [];
  for (const segment of fresh) {
    if (segment.text.trim() === '' || (mode === 'pop-on' && !segment.final)) continue;
    const turn = turnOf(segment, turns);
    if (turn) turn.push(segment);
    else turns.push([segment]);
  }
  const kept = mode === 'pop-on' ? 1 : MOST_SEGMENTS;
  const shown = turns.slice(-MOST_BLOCKS).map((turn) => turn.slice(-kept));
  const blocks = shown.map((segments) => ({
    segments,
    overlapping: shown.some((other) => turnsOverlap(segments, other)),
  }));
  const together = blocks.filter(({ overlapping }) => overlapping).length;
  return blocks.flatMap((block, index): Block[] => {
    if (block.overlapping) return [{ ...block, lines: Math.max(1, Math.ceil(lines / together)) }];
    if (index === blocks.length - 1) return [{ ...block, lines }];
    // What was said just before stays in sight by its end, where there is room.
    return index === blocks.length - 2 && together === 0 ? [{ ...block, lines: 1 }] : [];
  });
}

/** The turn that a segment goes on with: its voice's last, unless somebody else has spoken since then. */
function turnOf(segment: CaptionSegment, turns: CaptionSegment[][]): CaptionSegment[] | undefined {
  const index = turns.findLastIndex(([first]) => first?.speaker.voice === segment.speaker.voice);
  const turn = turns[index];
  const since = turns.slice(index + 1);
  return turn && since.every((other) => turnsOverlap(turn, other)) ? turn : undefined;
}

function turnsOverlap(one: readonly CaptionSegment[], other: readonly CaptionSegment[]): boolean {
  return one !== other && one.some((mine) => other.some((theirs) => overlap(mine, theirs)));
}
