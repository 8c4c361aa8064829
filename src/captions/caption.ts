import type { Word } from '../pulse/events.js';

export type TrackSource = 'microphone' | 'screen_share_audio' | 'unknown';

export interface Speaker {
  readonly identity: string;
  readonly name: string;
  /** What to show to people. */
  readonly label: string;
}

/**
 * One state of one segment: what a reader sees as one caption. A segment keeps its id from its first interim to
 * its final, and each state of it has a `rev` one higher than the last. Times are milliseconds on the room's
 * one clock.
 */
export interface Caption {
  /** Unique in the room. */
  readonly id: string;
  readonly rev: number;
  readonly final: boolean;
  /** Settled text followed by the unsettled. */
  readonly text: string;
  /** How many UTF-16 units at the beginning of `text` will not change any more. All of them when final. */
  readonly settled: number;
  readonly language: string;
  readonly speaker: Speaker;
  readonly track: { readonly sid: string; readonly source: TrackSource };
  readonly start: number;
  readonly end: number;
  /** Unix milliseconds of the room clock's zero. */
  readonly epoch: number;
  /** On finals. */
  readonly words?: readonly Word[];
}
