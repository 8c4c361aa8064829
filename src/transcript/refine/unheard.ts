import type { PlacedPart } from '../merge.js';
import { peopleOf } from '../people.js';
import type { PersonInCall } from '../transcript.js';
import { shared, type Span, united, widened } from './spans.js';

/** Whoever records has another clock than whoever noted that somebody does not want to be captioned. */
const CLOCKS_APART_MS = 1000;

/** When nothing may be heard, in milliseconds of the call. */
export interface Unheard {
  /** On the tracks of one person: while that person, or everybody, is not to be captioned. */
  readonly of: (identity: string) => readonly Span[];
  /** Where all are heard together: as long as one who is not to be captioned is in the room. */
  readonly anybody: readonly Span[];
}

/** From what people and the room's owner wanted, as the journals of a call have it. */
export function unheardIn(parts: readonly PlacedPart[]): Unheard {
  const off = captionsOff(parts);
  const choices = optedOut(parts);
  const { people } = peopleOf(parts);
  const present = [...choices].flatMap(([identity, spans]) =>
    shared(spans, staysOf(people.find((person) => person.identity === identity))),
  );
  return {
    of: (identity) => widened([...off, ...(choices.get(identity) ?? [])], CLOCKS_APART_MS),
    anybody: widened([...off, ...present], CLOCKS_APART_MS),
  };
}

/** Whoever was never seen to come may have been there all the time. */
function staysOf(person: PersonInCall | undefined): Span[] {
  if (!person || person.stays.length === 0) return [{ start: -Infinity, end: Infinity }];
  return person.stays.map(({ from, to = Infinity }) => ({ start: from, end: to }));
}

function optedOut(parts: readonly PlacedPart[]): Map<string, Span[]> {
  const changes = new Map<string, { at: number; on: boolean }[]>();
  for (const { records, shift } of parts) {
    for (const record of records) {
      if (record.type !== 'opted_out' && record.type !== 'opted_in') continue;
      const known = changes.get(record.identity) ?? [];
      known.push({ at: record.at + shift, on: record.type === 'opted_out' });
      changes.set(record.identity, known);
    }
  }
  return new Map(Array.from(changes, ([identity, list]) => [identity, spansOf(list)]));
}

/** While captions were turned off for the room. */
function captionsOff(parts: readonly PlacedPart[]): Span[] {
  return spansOf(
    parts.flatMap(({ records, shift }) =>
      records.flatMap((record) =>
        record.type === 'state' ? [{ at: record.at + shift, on: record.state === 'paused' }] : [],
      ),
    ),
  );
}

function spansOf(changes: readonly { readonly at: number; readonly on: boolean }[]): Span[] {
  const spans: Span[] = [];
  let since: number | undefined;
  for (const { at, on } of changes.toSorted((one, other) => one.at - other.at)) {
    if (on) since ??= at;
    else if (since !== undefined) {
      spans.push({ start: since, end: at });
      since = undefined;
    }
  }
  if (since !== undefined) spans.push({ start: since, end: Infinity });
  return united(spans);
}
