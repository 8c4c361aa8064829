import type { SegmentRecord } from './records.js';

/** What a cue needs of a segment. */
export type Cue = Pick<SegmentRecord, 'id' | 'text' | 'start' | 'end' | 'speaker'>;

// Readers skip a cue that ends when it begins.
const SHORTEST_CUE_MS = 1;

/** A WebVTT file: a cue for each segment, in the order of their beginnings, each in the voice of its speaker. */
export function toWebVtt(segments: readonly Cue[]): string {
  const cues = segments
    .filter(({ text }) => text.trim() !== '')
    .toSorted((one, other) => one.start - other.start || one.end - other.end)
    .map(cue);
  return ['WEBVTT\n', ...cues].join('\n');
}

function cue({ id, text, start, end, speaker }: Cue): string {
  const from = Math.max(0, Math.round(start));
  const to = Math.max(from + SHORTEST_CUE_MS, Math.round(end));
  // A cue's name may not hold the arrow; ours never do, those of a strange journal may.
  const name = oneLine(id).replaceAll('-->', '--');
  const voice = escape(oneLine(speaker.label) || oneLine(speaker.identity) || 'Unknown');
  return `${name}\n${timestamp(from)} --> ${timestamp(to)}\n<v ${voice}>${escape(oneLine(text))}\n`;
}

/**
 * Hours go on counting past a day.
 * @param point before the milliseconds: WebVTT has a dot, SubRip a comma
 */
export function timestamp(ms: number, point = '.'): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}${point}${String(ms % 1000).padStart(3, '0')}`;
}

/** A line break would end the cue's text, or at worst the cue. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
