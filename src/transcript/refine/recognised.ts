import type { BatchTranscript } from '../../pulse/batch.js';
import type { Word } from '../../pulse/events.js';
import type { Scope } from './lane.js';
import { contains, type Span, touchesAny } from './spans.js';

/** A recording, recognised. */
export interface Recognised {
  readonly scope: Scope;
  /** Its beginning on the clock of the call. */
  readonly start: number;
  /** When it was not to be heard, on the clock of the call. */
  readonly muted: readonly Span[];
  /** What was asked for: a code, or a name that stands for several languages. */
  readonly language: string;
  readonly result: BatchTranscript;
}

/** Its words on the clock of the call, in the order of time, without those at times that are not to be heard. */
export function wordsOf({ result, start, muted }: Recognised): Word[] {
  return result.words
    .map((word) => ({ ...word, start: word.start + start, end: word.end + start }))
    .filter((word) => word.text !== '' && !touchesAny(muted, atLeastAMoment(word)))
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

export function isOf({ scope }: Recognised, track: string): boolean {
  return scope.identity === undefined || scope.tracks.has(track);
}

/** Whether the whole of a span was heard. */
export function hears(recording: Recognised, span: Span): boolean {
  return contains(lengthOf(recording), span) && !touchesAny(recording.muted, atLeastAMoment(span));
}

/** Whether two recordings are of the same people. */
export function sameScope({ scope: one }: Recognised, { scope: other }: Recognised): boolean {
  if (one.identity === undefined || other.identity === undefined) return true;
  return (
    one.identity === other.identity && [...one.tracks].some((track) => other.tracks.has(track))
  );
}

/** Whether it is recognised in the language in which something was captioned. */
export function understands({ language }: Recognised, spoken: string): boolean {
  const [asked, heard] = [base(language), base(spoken)];
  return asked === 'multi' || ['', 'auto', 'multi'].includes(heard) || asked === heard;
}

function base(language: string): string {
  return language.split('-')[0]?.toLowerCase() ?? '';
}

function lengthOf({ start, result: { durationMs, words } }: Recognised): Span {
  const length = durationMs ?? words.reduce((most, { end }) => Math.max(most, end), 0);
  return { start, end: start + length };
}

/** What has no length lies somewhere, too. */
function atLeastAMoment({ start, end }: Span): Span {
  return { start, end: Math.max(end, start + 1) };
}
