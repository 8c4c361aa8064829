import type { CaptionSegment } from './caption-store.js';

/** Recognised times are never exact: what touches is no overlap. */
const TOLERANCE_MS = 300;

/** Whether two voices were heard at the same time. */
export function overlap(one: CaptionSegment, other: CaptionSegment): boolean {
  if (one.speaker.voice === other.speaker.voice) return false;
  return one.at + TOLERANCE_MS < endOf(other) && other.at + TOLERANCE_MS < endOf(one);
}

function endOf({ at, start, end, final }: CaptionSegment): number {
  if (start !== undefined && end !== undefined) return at + end - start;
  return final ? at : Infinity;
}
