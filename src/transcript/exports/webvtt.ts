import { timestamp } from './clock.js';
import { type Cue, layOut } from './cues.js';
import type { Heading } from './heading.js';
import { languageCode, languagesOf } from './languages.js';
import { oneLine, type Passage } from './passage.js';

/**
 * A WebVTT file, piece by piece: cues in the voices of their speakers. Its language is in a note at the beginning, and
 * a cue in another one says so.
 */
export function* webVttOf(passages: readonly Passage[], heading: Heading): Generator<string> {
  const [main = languageCode(heading.language)] = languagesOf(passages);
  const note = [oneLine(heading.title), ...(main === undefined ? [] : [`Language: ${main}`])]
    .map((line) => line.replaceAll('-->', '—>'))
    .filter(Boolean);
  yield 'WEBVTT\n';
  if (note.length > 0) yield `\nNOTE\n${note.join('\n')}\n`;
  for (const cue of layOut(passages)) yield `\n${block(cue, main)}`;
}

function block({ id, start, end, label, language, lines }: Cue, main: string | undefined): string {
  const text = lines.map(escaped).join('\n');
  const code = languageCode(language);
  const spoken = code === undefined || code === main ? text : `<lang ${code}>${text}</lang>`;
  return `${name(id)}\n${timestamp(start)} --> ${timestamp(end)}\n<v ${escaped(label)}>${spoken}\n`;
}

/** A cue's name may hold no arrow, and some readers take one that begins with a keyword for another block. */
function name(id: string): string {
  const plain = id.replace(/[^\w.:#/-]+/g, '_');
  return /^(?:NOTE|STYLE|REGION|WEBVTT)|^$/.test(plain) ? `_${plain}` : plain;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
