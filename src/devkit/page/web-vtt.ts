import { type CaptionSegment, displayName } from 'livekit-pulse-captions/client';

/** For what came without times. */
const CUE_MS = 3000;

/**
 * A WebVTT file of what was said and is final: a cue for each segment, in the voice of its speaker. Times count from
 * the beginning of the first.
 */
export function toWebVtt(segments: readonly CaptionSegment[]): string {
  const finals = segments.filter(({ final, text }) => final && text.trim() !== '');
  const zero = finals[0]?.at ?? 0;
  return ['WEBVTT\n', ...finals.map((segment) => cue(segment, zero))].join('\n');
}

function cue({ at, start, end, text, speaker }: CaptionSegment, zero: number): string {
  const from = Math.max(0, Math.round(at - zero));
  const length = start !== undefined && end !== undefined ? end - start : CUE_MS;
  // Readers skip a cue that ends when it begins.
  const to = from + Math.max(1, Math.round(length));
  const words = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return `${timestamp(from)} --> ${timestamp(to)}\n<v ${escaped(displayName(speaker.label))}>${escaped(words)}\n`;
}

/** Hours go on counting past a day. */
function timestamp(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}.${String(ms % 1000).padStart(3, '0')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
