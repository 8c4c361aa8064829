import type { PlacedPart } from './merge.js';
import { type JournalRecord, timeOf } from './records.js';
import type { PersonInCall } from './transcript.js';

interface Stay {
  readonly from: number;
  to: number;
  /** The captioner went before the person did: the next one may see the rest of the stay. */
  cut: boolean;
  /** Nobody knows when the stay ended: the captioner was cut off. */
  open: boolean;
}

interface Known {
  name: string;
  readonly stays: Stay[];
  /** When they were no longer to be captioned, and again were; in the order of time, first of the former. */
  readonly choices: { readonly at: number; readonly captioned: boolean }[];
}

export interface People {
  /** In the order in which they came. */
  readonly people: readonly PersonInCall[];
  /** Whether somebody was to be captioned at a moment of the whole. */
  readonly captioned: (identity: string, at: number) => boolean;
}

/** Who was there when, from all parts: a stay that one part does not see the end of goes on in the next. */
export function peopleOf(parts: readonly PlacedPart[]): People {
  const people = new Map<string, Known>();
  for (const part of parts) addPart(people, part);
  return {
    people: Array.from(people, ([identity, known]) => person(identity, known)).sort(
      (one, other) => (one.stays[0]?.from ?? 0) - (other.stays[0]?.from ?? 0),
    ),
    captioned: (identity, at) =>
      people.get(identity)?.choices.findLast((choice) => choice.at <= at)?.captioned ?? true,
  };
}

function addPart(people: Map<string, Known>, { records, shift }: PlacedPart): void {
  const here = new Map<string, Stay>();
  let last = 0;
  let complete = false;
  for (const record of records) {
    last = Math.max(last, timeOf(record));
    complete ||= record.type === 'closed';
    note(people, here, record, shift);
  }
  for (const stay of here.values()) {
    stay.to = Math.max(stay.to, last + shift);
    stay.cut = true;
    stay.open = !complete;
  }
}

function note(
  people: Map<string, Known>,
  here: Map<string, Stay>,
  record: JournalRecord,
  shift: number,
): void {
  switch (record.type) {
    case 'joined': {
      const { stays } = meet(people, record);
      const at = record.at + shift;
      const stay = { from: at, to: at, cut: false, open: false };
      if (!here.has(record.identity)) {
        here.set(record.identity, stay);
        stays.push(stay);
      }
      return;
    }
    case 'left': {
      meet(people, record);
      const stay = here.get(record.identity);
      if (stay) stay.to = record.at + shift;
      here.delete(record.identity);
      return;
    }
    case 'opted_out':
    case 'opted_in': {
      const choice = { at: record.at + shift, captioned: record.type === 'opted_in' };
      const { choices } = meet(people, record);
      choices.push(choice);
      choices.sort((one, other) => one.at - other.at);
      return;
    }
    case 'segment':
      meet(people, record.speaker);
      return;
    case 'room':
    case 'language':
    case 'gap':
    case 'state':
    case 'closed':
      return;
  }
}

function meet(
  people: Map<string, Known>,
  { identity, name }: { readonly identity: string; readonly name: string },
): Known {
  const known = people.get(identity) ?? { name: '', stays: [], choices: [] };
  if (name) known.name = name;
  people.set(identity, known);
  return known;
}

function person(identity: string, { name, stays, choices }: Known): PersonInCall {
  return {
    identity,
    name,
    stays: joinedUp(stays).map(({ from, to, open }) => ({ from, ...(!open && { to }) })),
    optedOut: choices.at(-1)?.captioned === false,
  };
}

/** Overlapping stays are one; so is one that a captioner did not see the end of with what the next saw of it. */
function joinedUp(stays: readonly Stay[]): Stay[] {
  const result: Stay[] = [];
  for (const stay of stays.toSorted((one, other) => one.from - other.from)) {
    const before = result.at(-1);
    if (!before || (!before.cut && stay.from > before.to)) {
      result.push({ ...stay });
    } else if (stay.to >= before.to) {
      before.to = stay.to;
      before.cut = stay.cut;
      before.open = stay.open;
    }
  }
  return result;
}
