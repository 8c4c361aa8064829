import type { RoomUsageSummary } from '../cost/usage.js';
import type { SegmentRecord } from './records.js';

/**
 * One call, as read from the journals of all captioners that were in it. Times are milliseconds on one clock,
 * whose zero is `epoch`.
 */
export interface Transcript {
  /** A room that outlives a restart of the LiveKit server gets another sid and keeps its name. */
  readonly room: { readonly name: string; readonly sids: readonly string[] };
  /** Unix milliseconds of the clock's zero: when the first captioner began. */
  readonly epoch: number;
  /** When the last line was written. */
  readonly end: number;
  /** What was said, each once, by start, then end. */
  readonly segments: readonly SegmentRecord[];
  readonly people: readonly PersonInCall[];
  /** Speech that nobody recognised. */
  readonly gaps: readonly Gap[];
  /** The journals, by their beginnings. */
  readonly parts: readonly Part[];
}

export interface PersonInCall {
  readonly identity: string;
  /** The last one that was known; may be empty. */
  readonly name: string;
  /** Without `to` where the journals end before the stay does. */
  readonly stays: readonly { readonly from: number; readonly to?: number }[];
  /** Whether their last word on it was that they do not want to be captioned. */
  readonly optedOut: boolean;
}

export interface Gap {
  /** The track's sid. */
  readonly track: string;
  readonly identity: string;
  readonly start: number;
  readonly end: number;
}

export interface Part {
  /** Path or address. */
  readonly journal: string;
  readonly sid: string;
  /** Unix milliseconds of the zero of the part's own clock. */
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  /** Whether it was ended, rather than cut off. */
  readonly complete: boolean;
  /** What its captions cost; undefined where the end was cut off, or of an older version. */
  readonly usage?: RoomUsageSummary | undefined;
  /** How many lines could not be read: cut off, damaged, or of a later version. */
  readonly damagedLines: number;
}
