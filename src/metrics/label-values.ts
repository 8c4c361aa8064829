import type { Cause as DegradationCause, Direction } from '../degradation/steps.js';
import type { EndReason } from '../host/process/messages.js';
import type { ConnectionState } from '../pulse/events.js';
import type { PulseErrorCode } from '../pulse/errors.js';
import type { PublishErrorCode } from '../publish/errors.js';
import type { CaptionerState } from '../room/status.js';

/** All values of each label, so that every series is there, as zero, before anything happens. */
export const ROOM_STATES = keys({
  starting: 0,
  live: 0,
  degraded: 0,
  paused: 0,
  failed: 0,
} satisfies Record<CaptionerState, 0>);

export const STREAM_STATES = keys({
  idle: 0,
  connecting: 0,
  live: 0,
  waiting: 0,
  failed: 0,
  ended: 0,
} satisfies Record<ConnectionState, 0>);

/** Why a connection to Pulse did not last: the codes of `PulseError`, and `other`. */
export const CAUSES = keys({
  bad_options: 0,
  unauthorized: 0,
  forbidden: 0,
  language_region: 0,
  too_large: 0,
  rate_limited: 0,
  no_stream: 0,
  unavailable: 0,
  dropped: 0,
  silent: 0,
  protocol: 0,
  timeout: 0,
  other: 0,
} satisfies Record<PulseErrorCode | 'other', 0>);

export const PUBLISH_FAILURES = keys({
  send_failed: 0,
  final_lost: 0,
} satisfies Record<PublishErrorCode, 0>);

export const END_REASONS = keys({
  over: 0,
  told: 0,
  removed: 0,
  replaced: 0,
  lost: 0,
  failed: 0,
} satisfies Record<EndReason, 0>);

export const DEGRADATION_CAUSES = keys({
  event_loop: 0,
  captions_wait: 0,
  audio_waits: 0,
} satisfies Record<DegradationCause, 0>);

export const DIRECTIONS = keys({ up: 0, down: 0 } satisfies Record<Direction, 0>);

export const CAPTION_KINDS = ['interim', 'final'] as const;

function keys<Name extends string>(of: Record<Name, 0>): readonly Name[] {
  return Object.keys(of) as Name[];
}
