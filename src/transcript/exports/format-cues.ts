import type { Format } from './formats.js';
import type { Heading } from './heading.js';
import { markdownOf } from './markdown.js';
import { inOrder, type Passage } from './passage.js';
import { plainTextOf } from './plain-text.js';
import { subRipOf } from './subrip.js';
import { webVttOf } from './webvtt.js';

export type { Heading } from './heading.js';

/** What was said as the text of a file, in the order of time, piece by piece. */
export function formatCues(
  passages: readonly Passage[],
  format: Format,
  heading: Heading,
): Iterable<string> {
  switch (format) {
    case 'vtt':
      return webVttOf(passages, heading);
    case 'srt':
      return subRipOf(passages);
    case 'json':
      return [
        `${JSON.stringify({ v: 1, ...heading, segments: inOrder(passages) }, undefined, 2)}\n`,
      ];
    case 'txt':
      return plainTextOf(passages, heading);
    case 'md':
      return markdownOf(passages, heading);
  }
}
