import { clock } from './clock.js';
import type { Heading } from './heading.js';
import { paragraphsOf } from './paragraphs.js';
import { oneLine, type Passage } from './passage.js';

/**
 * Piece by piece: paragraphs by speaker, each below its speaker and its time; before them what is known of the whole.
 */
export function* plainTextOf(
  passages: readonly Passage[],
  { title, facts }: Heading,
): Generator<string> {
  let before = '';
  if (facts) {
    yield `${[title, ...facts].map(oneLine).filter(Boolean).join('\n')}\n`;
    before = '\n';
  }
  for (const { label, start, text } of paragraphsOf(passages)) {
    yield `${before}${label} (${clock(start)})\n${text}\n`;
    before = '\n';
  }
}
