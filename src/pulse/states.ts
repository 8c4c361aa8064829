import type { PulseError } from './errors.js';
import type { PulseEvent } from './events.js';
import type { ServerMessage } from './messages.js';

/**
 * The states of one stream:
 *
 *     idle ──audio──▶ connecting ──opened──▶ live ──end──▶ closing ──is_last──▶ ended
 *      ▲                 ▲   │                │               │
 *      │                 │   └──────lost──────┤               │ lost, or unanswered, with words unconfirmed
 *      │                 │                    ▼               │
 *      └──nothing kept── └─────────────── waiting ◀───────────┘
 *
 * A refusal that no retry can mend leads from anywhere to failed, `close` to ended. New options lead from live to
 * connecting, at a pause. Audio is kept until a final confirms it; each new connection begins with what is
 * unconfirmed.
 */
export type MachineState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly since: number }
  | { readonly name: 'live' }
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
  | { readonly type: 'opened' }
  | { readonly type: 'message'; readonly message: ServerMessage }
  | { readonly type: 'lost'; readonly error: PulseError }
  /** The network takes no more for now, or takes it again. */
  | { readonly type: 'blocked' }
  | { readonly type: 'drained' }
  | { readonly type: 'tick' };

/** What a stream wants done, in this order. */
export type Effect =
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
}
