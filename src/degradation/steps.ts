/**
 * What is given up, in this order, by what cannot keep up. Words never are: finals are neither delayed nor dropped, and
 * no room is closed.
 *
 * - 0: nothing.
 * - 1: interims are sent less often.
 * - 2: also, audio goes to the speech service in larger pieces.
 * - 3: also, no new rooms are taken.
 */
export type Level = 0 | 1 | 2 | 3;

/** What holds where several do. */
export function highest(levels: readonly Level[]): Level {
  return levels.reduce((most, level) => (level > most ? level : most), 0);
}

export const FEWER_INTERIMS = 1;
export const LARGER_CHUNKS = 2;
export const NO_NEW_ROOMS = 3;

/**
 * What shows that something does not keep up:
 * - `event_loop`: the process has too little CPU.
 * - `captions_wait`: LiveKit, or the network to it, does not take captions as fast as they come.
 * - `audio_waits`: Pulse, or the network to it, does not take audio as fast as people speak.
 */
export type Cause = 'event_loop' | 'captions_wait' | 'audio_waits';

/** How something keeps up: it does not, because of a cause; only just; or with ease. */
export type Pressure = Cause | 'near' | 'calm';

export function isCause(pressure: Pressure): pressure is Cause {
  return pressure !== 'calm' && pressure !== 'near';
}

export interface Step {
  readonly from: Level;
  readonly to: Level;
  /** Of a step down: what it was, last. */
  readonly cause: Cause;
}

export type Direction = 'up' | 'down';

export function directionOf({ from, to }: Step): Direction {
  return to > from ? 'up' : 'down';
}
