import type { Transcript } from '../transcript.js';

/**
 * A transcript on another clock, such as that of a recording which began at another time. What was said before its
 * zero is left out.
 *
 * @param by milliseconds that are added to every time
 */
export function shifted(transcript: Transcript, by: number): Transcript {
  if (by === 0) return transcript;
  const at = (time: number): number => time + by;
  const span = <Span extends { readonly start: number; readonly end: number }>(
    one: Span,
  ): Span => ({
    ...one,
    start: Math.max(0, at(one.start)),
    end: Math.max(0, at(one.end)),
  });
  return {
    ...transcript,
    epoch: transcript.epoch - by,
    end: Math.max(0, at(transcript.end)),
    segments: transcript.segments
      .filter(({ end }) => at(end) > 0)
      .map((segment) => ({
        ...span(segment),
        ...(segment.words && { words: segment.words.map(span) }),
      })),
    people: transcript.people.map((person) => ({
      ...person,
      stays: person.stays.map(({ from, to }) => ({
        from: at(from),
        ...(to === undefined ? {} : { to: at(to) }),
      })),
    })),
    gaps: transcript.gaps.filter(({ end }) => at(end) > 0).map(span),
    parts: transcript.parts.map((part) => ({ ...part, from: at(part.from), to: at(part.to) })),
  };
}
