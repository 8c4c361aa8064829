import type { Format } from './formats.js';
import type { Heading } from './heading.js';
import { toMarkdown } from './markdown.js';
import { inOrder, type Passage } from './passage.js';
import { toPlainText } from './plain-text.js';
import { toSubRip } from './subrip.js';
import { toWebVtt } from './webvtt.js';

export type { Heading } from './heading.js';

/** What was said as the text of a file, in the order of time. */
export function formatCues(passages: readonly Passage[], format: Format, heading: Heading): string {
  switch (format) {
    case 'vtt':
      return toWebVtt(passages, heading);
    case 'srt':
      return toSubRip(passages);
    case 'json':
      return `${JSON.stringify({ v: 1, ...heading, segments: inOrder(passages) }, undefined, 2)}\n`;
    case 'txt':
      return toPlainText(passages, heading);
    case 'md':
      return toMarkdown(passages, heading);
  }
}
