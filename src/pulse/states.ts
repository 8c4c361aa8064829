import type { PulseError } from './errors.js';
import type { PulseEvent } from './events.js';
import type { ServerMessage } from './messages.js';

/**
 * The states of one stream:
 *
 *     idle ──audio──▶ queued ──granted──▶ connecting ──opened──▶ live ──end──▶ closing ──is_last──▶ ended
 *      ▲                 ▲                   ▲   │                │ │             │
 *      │                 │                   │   └──────lost──────┤ │             │ lost, or unanswered, with words
 *      │                 │                   │                    ▼ │             │ unconfirmed
 *      ├──nothing kept── │ ──────────────────└─────────────── waiting ◀───────────┘
 *      │                 └──yield, in mid-speech────────────────────┤
 *      └──is_last── parting ◀──yield, or no audio for long──────────┘
 *
 * A refusal that no retry can mend leads from anywhere to failed, `close` to ended. New options lead from live to
 * connecting, at a pause. Audio is kept until a final confirms it; each new connection begins with what is
 * unconfirmed. The permit that `granted` gives is held until idle, queued, failed or ended.
 */
export type MachineState =
  | { readonly name: 'idle' }
  | { readonly name: 'queued' }
  | { readonly name: 'connecting'; readonly since: number }
  | { readonly name: 'live' }
  /** Closed for now: `upTo` is the owner's time up to which audio was sent. */
  | { readonly name: 'parting'; readonly since: number; readonly upTo: number }
  | { readonly name: 'waiting'; readonly until: number }
  | { readonly name: 'closing'; readonly since: number }
  | { readonly name: 'failed' }
  | { readonly name: 'ended' };

/** What happens to a stream. */
export type Input =
  /** Mono, at the stream's rate; `at` is the owner's clock at the first sample and never goes back. */
  | { readonly type: 'audio'; readonly samples: Int16Array; readonly at: number }
  | { readonly type: 'flush' }
  | { readonly type: 'end' }
  | { readonly type: 'close' }
  | {
      readonly type: 'reconfigure';
      /** See `MachineOptions.finalsOnly`. Held back at once, shown again from the next connection on. */
      readonly finalsOnly: boolean;
      /** The service may not have it: then the one before it holds. */
      readonly newLanguage: boolean;
    }
  /** The stream may connect. */
  | { readonly type: 'granted' }
  /** Somebody else needs the permit: to be given back as soon as that costs no word. */
  | { readonly type: 'yield' }
  | { readonly type: 'opened' }
  | { readonly type: 'message'; readonly message: ServerMessage }
  | { readonly type: 'lost'; readonly error: PulseError }
  /** The network takes no more for now, or takes it again. */
  | { readonly type: 'blocked' }
  | { readonly type: 'drained' }
  | { readonly type: 'tick' };

/** What a stream wants done, in this order. */
export type Effect =
  /** Asks for a permit to connect, also a second time when what waits turns out to be speech. */
  | { readonly type: 'ask'; readonly speaking: boolean }
  /** Gives the permit back, or asks no more. */
  | { readonly type: 'release' }
  | { readonly type: 'connect' }
  | { readonly type: 'audio'; readonly samples: Int16Array }
  | { readonly type: 'control'; readonly control: Control }
  /** Drops the socket; nothing that it still says may come back as an input. */
  | { readonly type: 'disconnect' }
  /** The service does not have the new language: the next connection asks for the one before it. */
  | { readonly type: 'keep_language'; readonly error: PulseError }
  | { readonly type: 'emit'; readonly event: PulseEvent };

export type Control = 'finalize' | 'close_stream' | 'keepalive';

export interface MachineOptions {
  readonly sampleRate: number;
  /** Bytes of a sample on the wire: the size of a frame is bounded in bytes. */
  readonly wireBytes: number;
  readonly vadEvents: boolean;
  /** Interims are not passed on: they may show what finals redact. */
  readonly finalsOnly: boolean;
  /** How much audio is kept unconfirmed, in milliseconds. */
  readonly bufferMs: number;
  readonly connectTimeoutMs: number;
  /** How long the server may say nothing while audio that is not silent is sent, before it is asked. */
  readonly silenceLimitMs: number;
  /** The bound on the wait for `is_last`. */
  readonly lastTimeoutMs: number;
  /** The bound on `end` as a whole, with all reconnections. */
  readonly endTimeoutMs: number;
  /** A connection is closed when nothing was pushed for this long. */
  readonly idleCloseMs: number;
}

/** Who speaks again meanwhile waits: nothing is expected of the last message but that all was confirmed. */
const PARTING_MS = 2000;

/** When the time of a state is over; some have none of their own. */
export function deadlineOf(state: MachineState, options: MachineOptions): number {
  switch (state.name) {
    case 'connecting':
      return state.since + options.connectTimeoutMs;
    case 'waiting':
      return state.until;
    case 'closing':
      return state.since + options.lastTimeoutMs;
    case 'parting':
      return state.since + Math.min(PARTING_MS, options.lastTimeoutMs);
    case 'idle':
    case 'queued':
    case 'live':
    case 'failed':
    case 'ended':
      return Number.POSITIVE_INFINITY;
  }
}
