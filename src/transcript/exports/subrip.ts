import { timestamp } from './clock.js';
import { layOut } from './cues.js';
import { charactersOf, widthOf } from './measure.js';
import type { Passage } from './passage.js';

/** Of a speaker's name: half of a line, so that the other half is left for what is said. */
const LONGEST_NAME = 20;

/**
 * A SubRip file, `.srt`, piece by piece: each cue begins with the name of its speaker, as the format has no other place
 * for it.
 */
export function* subRipOf(passages: readonly Passage[]): Generator<string> {
  for (const [index, { start, end, label, lines }] of layOut(passages, { before }).entries()) {
    const times = `${timestamp(start, ',')} --> ${timestamp(end, ',')}`;
    const text = withoutTags(before(label) + lines.join('\n'));
    yield `${index > 0 ? '\n' : ''}${index + 1}\n${times}\n${text}\n`;
  }
}

function before(label: string): string {
  return `${shortened(label)}: `;
}

function shortened(name: string): string {
  if (widthOf(name) <= LONGEST_NAME) return name;
  let end = 0;
  for (const { at, width } of charactersOf(name)) if (width < LONGEST_NAME) end = at;
  return `${name.slice(0, end).trimEnd()}…`;
}

/** There is no way to write what players would take for a tag or a time: it is written with what looks like it. */
function withoutTags(text: string): string {
  return text
    .replace(/<(?=[a-z/])/gi, '‹')
    .replace(/\{(?=\\)/g, '(')
    .replaceAll('-->', '—>');
}
