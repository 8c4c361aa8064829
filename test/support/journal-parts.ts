import type { JournalPart } from '../../src/transcript/merge.js';
import type { JournalRecord, SegmentRecord } from '../../src/transcript/records.js';

/** A segment that lasts a second, its words one after the other. */
export function segment(
  id: string,
  text: string,
  rest: Partial<SegmentRecord> = {},
): SegmentRecord {
  const start = rest.start ?? 0;
  const texts = text.split(' ');
  const length = 1000 / texts.length;
  return {
    v: 1,
    type: 'segment',
    id,
    rev: 0,
    text,
    language: 'en',
    speaker: { identity: 'alice', name: 'Alice', label: 'Alice' },
    track: { sid: 'TR_1', source: 'microphone' },
    start,
    end: start + 1000,
    words: texts.map((word, index) => ({
      text: word,
      start: start + index * length,
      end: start + (index + 1) * length,
    })),
    ...rest,
  };
}

/** What a captioner that began at `epoch` wrote, with its first line. */
export function part(
  journal: string,
  epoch: number,
  records: readonly JournalRecord[],
  sid = 'RM_1',
): JournalPart {
  const room = { v: 1, type: 'room', sid, name: 'Standup', epoch } as const;
  return { journal, sid, epoch, records: [room, ...records], damagedLines: 0 };
}

export const event = (
  type: 'joined' | 'left' | 'opted_out' | 'opted_in',
  identity: string,
  at: number,
  name = '',
) => ({ v: 1, type, at, identity, name }) as const;

export const closed = (at: number) => ({ v: 1, type: 'closed', at }) as const;
