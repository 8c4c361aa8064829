import { basename } from 'node:path';
import type { SegmentRecord } from '../records.js';
import type { Transcript } from '../transcript.js';
import { languagesOf } from './languages.js';
import { speakersOf } from './speakers.js';

/**
 * All that is known of a call, as JSON, piece by piece: a line for each thing in it, so that a long call can be looked
 * through.
 */
export function* jsonOf(transcript: Transcript): Generator<string> {
  const { room, epoch, end, people, segments, gaps, parts } = transcript;
  let before = '{\n';
  for (const [name, value] of Object.entries({ v: 1, room, epoch, end })) {
    yield `${before}  ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    before = ',\n';
  }
  yield* list('languages', languagesOf(segments));
  yield* list('speakers', speakersOf(transcript));
  yield* list('people', people);
  yield* list('segments', segments, written);
  yield* list('gaps', gaps);
  yield* list('parts', parts, (part) => ({ ...part, journal: basename(part.journal) }));
  yield '\n}\n';
}

function* list<Value>(
  name: string,
  values: readonly Value[],
  shown: (value: Value) => unknown = (value) => value,
): Generator<string> {
  yield `,\n  ${JSON.stringify(name)}: [`;
  let before = '\n';
  for (const value of values) {
    yield `${before}    ${JSON.stringify(shown(value))}`;
    before = ',\n';
  }
  yield values.length > 0 ? '\n  ]' : ']';
}

function written({ id, rev, start, end, language, speaker, track, text, words }: SegmentRecord) {
  return { id, rev, start, end, language, speaker, track, text, ...(words && { words }) };
}
