import { type Cue, oneLine, timestamp, toWebVtt } from './webvtt.js';

/** What a transcript can be written as. */
export const FORMATS = ['vtt', 'srt', 'json', 'txt', 'md'] as const;
export type Format = (typeof FORMATS)[number];

/** What is said in a file besides its cues. */
export interface Heading {
  readonly title: string;
  /** A code, where it is known. */
  readonly language?: string | undefined;
}

/** Cues as the text of a file, in the order of their beginnings. */
export function formatCues(cues: readonly Cue[], format: Format, heading: Heading): string {
  const ordered = cues.toSorted((one, other) => one.start - other.start || one.end - other.end);
  switch (format) {
    case 'vtt':
      return toWebVtt(ordered);
    case 'srt':
      return toSubRip(ordered);
    case 'json':
      return `${JSON.stringify({ v: 1, ...heading, segments: ordered }, undefined, 2)}\n`;
    case 'txt':
      return paragraphs(ordered, (label, time, text) => `${label} (${time})\n${text}\n`);
    case 'md':
      return `# ${escape(oneLine(heading.title))}\n\n${paragraphs(
        ordered,
        (label, time, text) => `**${escape(label)}** ${time}\n\n${escape(text)}\n`,
      )}`;
  }
}

function toSubRip(cues: readonly Cue[]): string {
  return cues
    .map(({ start, end, text, speaker }, index) => {
      const from = Math.max(0, Math.round(start));
      const to = Math.max(from + 1, Math.round(end));
      const times = `${timestamp(from, ',')} --> ${timestamp(to, ',')}`;
      return `${index + 1}\n${times}\n${oneLine(speaker.label)}: ${oneLine(text)}\n`;
    })
    .join('\n');
}

/** What one person says without another in between is one paragraph. */
function paragraphs(
  cues: readonly Cue[],
  write: (label: string, time: string, text: string) => string,
): string {
  const turns: { label: string; start: number; texts: string[] }[] = [];
  for (const { speaker, start, text } of cues) {
    const label = oneLine(speaker.label);
    const last = turns.at(-1);
    if (last?.label === label) last.texts.push(oneLine(text));
    else turns.push({ label, start, texts: [oneLine(text)] });
  }
  return turns
    .map(({ label, start, texts }) => {
      const time = timestamp(Math.max(0, Math.round(start))).replace(/\.\d+$/, '');
      return write(label, time, texts.join(' '));
    })
    .join('\n');
}

/** What Markdown would take for more than text. */
function escape(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]/g, '\\$&');
}
