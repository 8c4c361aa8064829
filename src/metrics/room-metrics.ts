import type { Caption } from '../captions/caption.js';
import type { Output } from '../config/config.js';
import type { Step } from '../degradation/steps.js';
import type { PublishErrorCode } from '../publish/errors.js';
import type { PulseEvent } from '../pulse/events.js';
import type { CaptionerState } from '../room/status.js';
import type { CounterName } from './counters.js';

/**
 * What the captioner of one room tells of what happens in it, for whoever counts. The counts say nothing of who is in
 * which room. Nothing here throws or waits.
 */
export interface RoomMetrics {
  /** Until it is told, the room is `starting`. */
  stateChanged(state: CaptionerState): void;
  /** The room itself gives more up, or less. */
  stepped(step: Step): void;
  openTrack(track: MeasuredTrack): TrackMetrics;
  /** LiveKit has taken a state of a caption by one output. */
  sent(caption: Caption, output: Output): void;
  sendFailed(output: Output, code: PublishErrorCode): void;
  /** @param amount zero or more, in the unit that the counter's name ends with */
  add(counter: CounterName, amount: number): void;
}

/** To be closed by whoever has opened it: the room is over, and what was counted stays. */
export interface OwnedRoomMetrics extends RoomMetrics {
  close(): void;
}

/** One audio track, while it is captioned. */
export interface TrackMetrics {
  /** The recogniser says something. To be called before anything is made of it. */
  recognised(event: PulseEvent): void;
  /** @param from what it was made of; undefined where the recogniser said nothing new */
  captioned(caption: Caption, from: PulseEvent | undefined): void;
  /** Idempotent. */
  close(): void;
}

export interface MeasuredTrack {
  readonly sid: string;
  /** Milliseconds on the room's clock, as all times here. */
  now(): number;
  /** Since when there has been what may be speech and is in no final yet. */
  unconfirmedSince(): number | undefined;
}
