import { basename } from 'node:path';
import type { SegmentRecord } from '../records.js';
import type { Transcript } from '../transcript.js';
import { languagesOf } from './languages.js';
import { speakersOf } from './speakers.js';

/** All that is known of a call, as JSON: a line for each thing in it, so that a long call can be looked through. */
export function toJson(transcript: Transcript): string {
  const { room, epoch, end, people, segments, gaps, parts } = transcript;
  const lists = {
    languages: languagesOf(segments),
    speakers: speakersOf(transcript),
    people,
    segments: segments.map(written),
    gaps,
    parts: parts.map((part) => ({ ...part, journal: basename(part.journal) })),
  };
  const members = [
    ...Object.entries({ v: 1, room, epoch, end }).map(([name, value]) =>
      member(name, JSON.stringify(value)),
    ),
    ...Object.entries(lists).map(([name, values]) => member(name, lines(values))),
  ];
  return `{\n${members.join(',\n')}\n}\n`;
}

function written({ id, rev, start, end, language, speaker, track, text, words }: SegmentRecord) {
  return { id, rev, start, end, language, speaker, track, text, ...(words && { words }) };
}

function member(name: string, value: string): string {
  return `  ${JSON.stringify(name)}: ${value}`;
}

function lines(values: readonly unknown[]): string {
  if (values.length === 0) return '[]';
  return `[\n${values.map((value) => `    ${JSON.stringify(value)}`).join(',\n')}\n  ]`;
}
