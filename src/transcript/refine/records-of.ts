import type { PlacedPart } from '../merge.js';
import { type JournalRecord, timeOf } from '../records.js';
import type { Transcript } from '../transcript.js';

/**
 * A transcript as the one journal that it could have been read from.
 * @param parts the journals of the call, for what a transcript does not tell: choices, languages and states
 */
export function recordsOf(
  { room, epoch, end, people, segments, gaps }: Transcript,
  parts: readonly PlacedPart[],
): JournalRecord[] {
  const known = new Set(people.map(({ identity }) => identity));
  const stays = people.flatMap(({ identity, name, stays }): JournalRecord[] =>
    stays.flatMap(({ from, to }): JournalRecord[] => [
      { v: 1, type: 'joined', at: from, identity, name },
      ...(to === undefined ? [] : [{ v: 1, type: 'left', at: to, identity, name } as const]),
    ]),
  );
  const records: JournalRecord[] = [
    ...stays,
    ...parts.flatMap(({ records, shift }) =>
      records.flatMap((record): JournalRecord[] => {
        switch (record.type) {
          case 'opted_out':
          case 'opted_in':
          case 'language':
            return known.has(record.identity) ? [{ ...record, at: record.at + shift }] : [];
          case 'state':
            return [{ ...record, at: record.at + shift }];
          case 'room':
          case 'segment':
          case 'joined':
          case 'left':
          case 'gap':
          case 'closed':
            return [];
        }
      }),
    ),
    ...segments,
    ...gaps.map((gap) => ({ v: 1, type: 'gap', ...gap }) as const),
  ];
  records.sort((one, other) => timeOf(one) - timeOf(other));
  const complete = parts.every((part) => part.records.some(({ type }) => type === 'closed'));
  return [
    ...room.sids.map((sid) => ({ v: 1, type: 'room', sid, name: room.name, epoch }) as const),
    ...records,
    ...(complete ? [{ v: 1, type: 'closed', at: end } as const] : []),
  ];
}
