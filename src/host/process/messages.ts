import type { LimitLevel } from '../../cost/limit.js';
import type { Level } from '../../degradation/steps.js';
import type { Demand } from '../../pulse/pool.js';
import type { MetricsSnapshot } from '../../metrics/snapshot.js';
import type { Assignment } from '../assignment.js';

/**
 * Why a room process no longer captions a room:
 * - `over`: the room has ended, or was another one by the time we came.
 * - `told`: we were told to leave it.
 * - `removed`: somebody put the captioner out of the room.
 * - `replaced`: another captioner has taken over.
 * - `lost`: the connection could not be made, or not be kept.
 * - `failed`: the captioner threw.
 */
export type EndReason = 'over' | 'told' | 'removed' | 'replaced' | 'lost' | 'failed';

/** What the supervisor says to a room process. A captioner is known by its room's name and its identity. */
export type ToProcess =
  | { readonly type: 'join'; readonly assignment: Assignment }
  | { readonly type: 'leave'; readonly room: string; readonly identity: string }
  /** How many speech streams it may have; without a limit this is never said. */
  | { readonly type: 'streams'; readonly lease: StreamsLease }
  /** How much of the day's minutes all processes together have used. */
  | { readonly type: 'day'; readonly level: LimitLevel }
  | { readonly type: 'stop' };

/** What a room process says to the supervisor. */
export type FromProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'beat'; readonly beat: Beat }
  | { readonly type: 'streams'; readonly report: StreamsReport }
  /** Every few seconds, and as the last that it says. */
  | { readonly type: 'metrics'; readonly snapshot: MetricsSnapshot }
  | { readonly type: 'joined'; readonly room: string; readonly identity: string }
  | {
      readonly type: 'ended';
      readonly room: string;
      readonly identity: string;
      readonly reason: EndReason;
      /** For the log: holds nothing that was said. */
      readonly error?: string | undefined;
    };

/** What a process does with its speech streams, and could do with more. */
export interface StreamsReport extends Demand {
  /** The lease that it obeys; 0 before the first. */
  readonly turn: number;
}

export interface StreamsLease {
  readonly limit: number;
  /** Counts the leases of a process, from 1. */
  readonly turn: number;
}

/** A sign of life, once a second. */
export interface Beat {
  readonly rooms: number;
  readonly streams: number;
  readonly rssBytes: number;
  /** Milliseconds of audio that were sent to the speech service since the beat before. */
  readonly audioMs: number;
  /** What it gives up because it cannot keep up. */
  readonly degradation: Level;
}
