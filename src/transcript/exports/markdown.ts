import { clock } from './clock.js';
import type { Heading } from './heading.js';
import { paragraphsOf } from './paragraphs.js';
import { oneLine, type Passage } from './passage.js';

/** The title, what is known of the whole as a list, and paragraphs by speaker with their times. */
export function toMarkdown(passages: readonly Passage[], { title, facts = [] }: Heading): string {
  const list = facts.map((fact) => `- ${escaped(oneLine(fact))}\n`).join('');
  const paragraphs = paragraphsOf(passages).map(
    ({ label, start, text }) => `**${escaped(label)}** ${clock(start)}\n\n${escaped(text)}\n`,
  );
  return [
    `# ${escaped(oneLine(title)) || 'Transcript'}\n`,
    ...(list ? [list] : []),
    ...paragraphs,
  ].join('\n');
}

/** Text, and nothing but text, to every reader of Markdown. */
function escaped(line: string): string {
  return line
    .replace(/[\\`*_[\]<>#|~&$]/g, '\\$&')
    .replace(/:(?=\/\/)|(?<=\bwww)\.|@/gi, '\\$&')
    .replace(/^(?:[-+=]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? start : `\\${start}`))
    .replace(/^(\d+)([.)])/, '$1\\$2');
}
