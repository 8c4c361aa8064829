import { clock } from './clock.js';
import type { Heading } from './heading.js';
import { paragraphsOf } from './paragraphs.js';
import { oneLine, type Passage } from './passage.js';

/** Piece by piece: the title, what is known of the whole as a list, and paragraphs by speaker with their times. */
export function* markdownOf(
  passages: readonly Passage[],
  { title, facts = [] }: Heading,
): Generator<string> {
  yield `# ${escaped(oneLine(title)) || 'Transcript'}\n`;
  if (facts.length > 0) yield '\n';
  for (const fact of facts) yield `- ${escaped(oneLine(fact))}\n`;
  for (const { label, start, text } of paragraphsOf(passages)) {
    yield `\n**${escaped(label)}** ${clock(start)}\n\n${escaped(text)}\n`;
  }
}

/** Text, and nothing but text, to every reader of Markdown. */
function escaped(line: string): string {
  return line
    .replace(/[\\`*_[\]<>#|~&$]/g, '\\$&')
    .replace(/:(?=\/\/)|(?<=\bwww)\.|@/gi, '\\$&')
    .replace(/^(?:[-+=]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? start : `\\${start}`))
    .replace(/^(\d+)([.)])/, '$1\\$2');
}
