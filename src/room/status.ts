import type { LimitLevel } from '../cost/limit.js';
import { FEWER_INTERIMS, LARGER_CHUNKS, type Level } from '../degradation/steps.js';
import { PulseError } from '../pulse/errors.js';
import type { ConnectionChanged } from '../pulse/events.js';

/** Values of the attribute `captions.state`. */
export type CaptionerState = 'starting' | 'live' | 'degraded' | 'paused' | 'failed';

export interface Status {
  readonly state: CaptionerState;
  /** For people; empty when there is nothing to say. */
  readonly reason: string;
}

type Trouble = Status & { readonly error?: Error | undefined };

/** Shown as one line, and kept by LiveKit for everybody who comes. */
const LONGEST_REASON = 500;

const BROKEN =
  'Captions have stopped because of a fault in the captioner. They come again by themselves.';
const TURNED_OFF = 'Captions are turned off for this room.';
const SPENT = 'Captions are paused: the minutes that may be captioned are used up.';
const NEARLY_SPENT =
  'Captions will pause soon: the minutes that may be captioned are nearly used up.';
const NO_KEY =
  'No captions: what is said here is end-to-end encrypted, and the captioner has no key to it.';
const KEY_NEEDED =
  'Captions are end-to-end encrypted here: only people whose app has the key can read them.';
const FEWER =
  'Captions are complete, but change less often: the captioner or its network is very busy.';
const LATER =
  'Captions are complete, but come a little later: the captioner or its network is very busy.';
const SOME_WITHOUT_KEY =
  'Some people are not captioned: what they say is end-to-end encrypted, and the captioner has no key to it.';

/**
 * What a room is told about its captions, from what happens to the streams of its tracks. A stream that waits makes
 * it `degraded` until that stream is back or over. A failure holds until any stream works again, so that a room
 * which nobody speaks in still says what is wrong.
 */
export class RoomStatus {
  readonly #waiting = new Map<string, Trouble>();
  readonly #working = new Set<string>();
  readonly #heard = new Set<string>();
  readonly #locked = new Set<string>();
  readonly #open = new Set<string>();
  #faults: readonly string[] = [];
  #off = false;
  #limit: LimitLevel = 'free';
  #degradation: Level = 0;
  #failure: Trouble | undefined;
  #ready = false;

  /** The captioner is in the room and listens. */
  ready(): void {
    this.#ready = true;
  }

  /** The captioner itself cannot go on. */
  failed(): void {
    this.#working.clear();
    this.#failure = { state: 'failed', reason: BROKEN };
  }

  /** @param faults what is wrong with what was asked for, each a sentence */
  wishesChanged(off: boolean, faults: readonly string[]): void {
    this.#off = off;
    this.#faults = faults;
  }

  /** How much is left of the minutes that may be captioned. */
  limitChanged(level: LimitLevel): void {
    this.#limit = level;
  }

  /** What is given up because something cannot keep up. */
  degradationChanged(level: Level): void {
    this.#degradation = level;
  }

  trackHeard(sid: string): void {
    this.#heard.add(sid);
    this.#locked.delete(sid);
  }

  /** It is encrypted with a key that the captioner does not have. */
  trackLocked(sid: string): void {
    this.#locked.add(sid);
    this.#heard.delete(sid);
  }

  /** It is not encrypted, while captions are. */
  trackOpen(sid: string): void {
    this.#open.add(sid);
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
        this.#streamEnded(sid);
        this.#failure = { state: 'failed', reason: reasonOf(error), error };
        return;
      case 'idle':
      case 'ended':
        this.#streamEnded(sid);
        return;
      case 'connecting':
        return;
    }
  }

  trackEnded(sid: string): void {
    this.#streamEnded(sid);
    this.#heard.delete(sid);
    this.#locked.delete(sid);
    this.#open.delete(sid);
  }

  get current(): Status {
    if (!this.#ready) return { state: 'starting', reason: '' };
    const { state, reason } = this.#trouble ?? { state: 'live', reason: '' };
    const notice = this.#limit === 'near' ? NEARLY_SPENT : '';
    return {
      state,
      reason: shortened([reason, notice, ...this.#faults].filter(Boolean).join(' ')),
    };
  }

  /** What the current trouble came from, for the log. */
  get error(): Error | undefined {
    return this.#trouble?.error;
  }

  #streamEnded(sid: string): void {
    this.#waiting.delete(sid);
    this.#working.delete(sid);
  }

  get #trouble(): Trouble | undefined {
    if (this.#off) return { state: 'paused', reason: TURNED_OFF };
    if (this.#limit === 'spent') return { state: 'paused', reason: SPENT };
    if (this.#failure !== undefined) {
      return this.#working.size > 0 ? { ...this.#failure, state: 'degraded' } : this.#failure;
    }
    if (this.#locked.size > 0) {
      return this.#heard.size > 0
        ? { state: 'degraded', reason: SOME_WITHOUT_KEY }
        : { state: 'failed', reason: NO_KEY };
    }
    const [waiting] = this.#waiting.values();
    if (waiting) return waiting;
    if (this.#degradation >= LARGER_CHUNKS) return { state: 'degraded', reason: LATER };
    if (this.#degradation >= FEWER_INTERIMS) return { state: 'degraded', reason: FEWER };
    return this.#open.size > 0 ? { state: 'degraded', reason: KEY_NEEDED } : undefined;
  }
}

function shortened(reason: string): string {
  if (reason.length <= LONGEST_REASON) return reason;
  return `${reason.slice(0, LONGEST_REASON - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
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
      return 'Captions are late: all speech streams of the plan are in use.';
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
