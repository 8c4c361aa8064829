import { clock } from './clock.js';
import type { Heading } from './heading.js';
import { paragraphsOf } from './paragraphs.js';
import { oneLine, type Passage } from './passage.js';

/** Paragraphs by speaker, each below its speaker and its time; before them what is known of the whole. */
export function toPlainText(passages: readonly Passage[], { title, facts }: Heading): string {
  const heading = facts && `${[title, ...facts].map(oneLine).filter(Boolean).join('\n')}\n`;
  const paragraphs = paragraphsOf(passages).map(
    ({ label, start, text }) => `${label} (${clock(start)})\n${text}\n`,
  );
  return [...(heading === undefined ? [] : [heading]), ...paragraphs].join('\n');
}
