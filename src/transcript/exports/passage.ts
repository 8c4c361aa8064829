import { legible } from '../../captions/legible.js';
import type { SegmentRecord } from '../records.js';

/**
 * What somebody said in one go: a segment of a call, or a piece of a recording. Times are milliseconds.
 */
export interface Passage extends Pick<SegmentRecord, 'id' | 'text' | 'start' | 'end' | 'speaker'> {
  /** A code. */
  readonly language?: string | undefined;
  readonly words?: SegmentRecord['words'];
}

// Directional embeddings, overrides and isolates reach beyond what they stand in.
const TURNS_AROUND = /[\u202A-\u202E\u2066-\u2069]/gu;

/** A text as one line: a line break would end a cue's text, or at worst the cue. */
export function oneLine(text: string): string {
  return text
    .replace(TURNS_AROUND, '')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** Who spoke, as people are to see it: one line, never empty. */
export function labelOf({ label, identity }: Passage['speaker']): string {
  return legible(label) || legible(identity) || 'Unknown';
}

/** In the order in which they began; those without a text, which took a caption away, are left out. */
export function inOrder(passages: readonly Passage[]): Passage[] {
  return passages
    .filter(({ text }) => oneLine(text) !== '')
    .sort((one, other) => one.start - other.start || one.end - other.end);
}
