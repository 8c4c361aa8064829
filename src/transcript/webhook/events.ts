import type { RoomUsageSummary } from '../../cost/usage.js';
import type { SegmentRecord } from '../records.js';

/** A transcript, as events name it. */
export interface ToldTranscript {
  /** The same in all events of one journal: the name of its files. */
  readonly id: string;
  readonly room: { readonly sid: string; readonly name: string };
  /** Unix milliseconds of the zero of its clock. */
  readonly epoch: number;
}

/** Where a finished transcript is. */
export interface Whereabouts {
  /** Whether it was ended, rather than cut off. */
  readonly complete: boolean;
  /** What its captions cost, as the journal's last line has it; undefined where that was cut off. */
  readonly usage?: RoomUsageSummary | undefined;
  /** Paths on the captioner's machine: the journal, then what was made from it. */
  readonly files: readonly string[];
  /** The same in the store, where there is one: `s3://…`. */
  readonly addresses: readonly string[];
}

/**
 * What a receiver gets as its body: the fields of LiveKit's own webhooks, so that its SDK takes it, and ours, which
 * that SDK leaves out of what it returns: read them from the body.
 */
export interface WebhookEvent {
  readonly event: 'transcript.started' | 'transcript.segment' | 'transcript.finished';
  /** The same each time an event is sent: what came before can be told by it. */
  readonly id: string;
  /** Unix seconds, as a string. */
  readonly createdAt: string;
  readonly room: { readonly sid: string; readonly name: string };
  readonly transcript: { readonly id: string; readonly epoch: number } & Partial<Whereabouts>;
  readonly segment?: SegmentRecord;
}

/** @param line of the journal that says so, from 1 */
export function started(transcript: ToldTranscript, line: number): WebhookEvent {
  return { event: 'transcript.started', ...about(transcript, String(line), transcript.epoch) };
}

/** @param line of the journal that has the segment, from 1 */
export function segment(
  transcript: ToldTranscript,
  line: number,
  record: SegmentRecord,
): WebhookEvent {
  const said = transcript.epoch + record.end;
  return {
    event: 'transcript.segment',
    ...about(transcript, String(line), said),
    segment: record,
  };
}

export function finished(
  transcript: ToldTranscript,
  whereabouts: Whereabouts,
  now: number,
): WebhookEvent {
  const { transcript: told, ...rest } = about(transcript, 'finished', now);
  return { event: 'transcript.finished', ...rest, transcript: { ...told, ...whereabouts } };
}

function about({ id, room, epoch }: ToldTranscript, which: string, at: number) {
  return {
    id: `${id}:${which}`,
    createdAt: String(Math.floor(at / 1000)),
    room,
    transcript: { id, epoch },
  };
}
