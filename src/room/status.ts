import { PulseError } from '../pulse/errors.js';
import type { ConnectionChanged } from '../pulse/events.js';

/** Values of the attribute `captions.state`. */
export type CaptionerState = 'starting' | 'live' | 'degraded' | 'paused' | 'failed';

export interface Status {
  readonly state: CaptionerState;
  /** For people; empty when there is nothing to say. */
  readonly reason: string;
}

type Trouble = Status & { readonly error: Error | undefined };

/**
 * What a room is told about its captions, from what happens to the streams of its tracks. A stream that waits makes
 * it `degraded` until that stream is back or over. A failure holds until any stream works again, so that a room
 * which nobody speaks in still says what is wrong.
 */
export class RoomStatus {
  readonly #waiting = new Map<string, Trouble>();
  readonly #working = new Set<string>();
  #failure: Trouble | undefined;
  #ready = false;

  /** The captioner is in the room and listens. */
  ready(): void {
    this.#ready = true;
  }

  /** @param sid of the track whose stream changed */
  connectionChanged(sid: string, { state, error }: ConnectionChanged): void {
    switch (state) {
      case 'live':
        this.#waiting.delete(sid);
        this.#working.add(sid);
        this.#failure = undefined;
        return;
      case 'waiting':
        this.#working.delete(sid);
        this.#waiting.set(sid, { state: 'degraded', reason: reasonOf(error), error });
        return;
      case 'failed':
        this.trackEnded(sid);
        this.#failure = { state: 'failed', reason: reasonOf(error), error };
        return;
      case 'idle':
      case 'ended':
        this.trackEnded(sid);
        return;
      case 'connecting':
        return;
    }
  }

  trackEnded(sid: string): void {
    this.#waiting.delete(sid);
    this.#working.delete(sid);
  }

  get current(): Status {
    const { state, reason } = this.#trouble ?? {
      state: this.#ready ? 'live' : 'starting',
      reason: '',
    };
    return { state, reason };
  }

  /** What the current trouble came from, for the log. */
  get error(): Error | undefined {
    return this.#trouble?.error;
  }

  get #trouble(): Trouble | undefined {
    if (this.#failure !== undefined) {
      return this.#working.size > 0 ? { ...this.#failure, state: 'degraded' } : this.#failure;
    }
    return this.#waiting.values().next().value;
  }
}

/** For people in the room, who can neither see the log nor change the configuration. */
function reasonOf(error: Error | undefined): string {
  if (!(error instanceof PulseError)) return 'Captions are interrupted.';
  switch (error.code) {
    case 'unauthorized':
    case 'forbidden':
      return 'No captions: the speech service refuses the key of this captioner.';
    case 'bad_options':
      return 'No captions: the speech service refuses the settings of this captioner.';
    case 'language_region':
      return 'No captions: the speech service does not have this language here.';
    case 'no_stream':
    case 'rate_limited':
      return 'Captions are late: the speech service is fully used at the moment.';
    case 'unavailable':
    case 'dropped':
    case 'silent':
    case 'timeout':
      return 'Captions are late: the speech service cannot be reached at the moment.';
    case 'too_large':
    case 'protocol':
      return 'Captions are interrupted: the speech service gives answers that are not understood.';
  }
}
