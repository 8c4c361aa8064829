import { type LimitLevel, limitLevel, strictest } from '../cost/limit.js';

export interface LimitChange {
  readonly level: LimitLevel;
  /** Whether anybody is listened to from here on; undefined where that stays as it was. */
  readonly paused: boolean | undefined;
}

/** How much of what a room and all rooms together may send is used: the stricter of the two holds. */
export class RoomLimits {
  readonly #maxMinutes: number | undefined;
  #level: LimitLevel = 'free';
  /** Of what all rooms together may send today. */
  ofDay: LimitLevel = 'free';

  /** @param maxMinutes of audio of the room; undefined: not limited */
  constructor(maxMinutes: number | undefined) {
    this.#maxMinutes = maxMinutes;
  }

  /**
   * @param audioMs what the room has sent
   * @returns what is new since the last call; undefined where nothing is
   */
  change(audioMs: number): LimitChange | undefined {
    const before = this.#level;
    const level = strictest(limitLevel(audioMs, this.#maxMinutes), this.ofDay);
    if (level === before) return undefined;
    this.#level = level;
    const paused = level === 'spent';
    return { level, paused: paused === (before === 'spent') ? undefined : paused };
  }
}
