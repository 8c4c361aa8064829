import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logging.js';
import type { Captioner } from './captioners.js';
import type { LiveKitApi } from './livekit-api.js';
import { Losses } from './losses.js';
import { retryDelayMs } from './retry.js';

export interface RejoinsOptions {
  readonly api: LiveKitApi;
  readonly join: (lost: Captioner) => Promise<void>;
  /** A room could not be joined again: the recovery is to look at it. */
  readonly failed: () => void;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** A room that has brought captioners down so often in a row is left to the recovery's slower round. */
const MAX_REJOINS = 3;

/** Brings captioners that were lost back into their rooms, the later the more often in a row that happens to a room. */
export class Rejoins {
  readonly #options: RejoinsOptions;
  readonly #losses = new Losses();

  constructor(options: RejoinsOptions) {
    this.#options = options;
  }

  /** Joins again where there are still people. Never rejects. */
  async bringBack(lost: Captioner): Promise<void> {
    const { api, join, failed, logger, signal } = this.#options;
    const { room } = lost;
    const count = this.#losses.add(room.name, performance.now());
    // What keeps failing is left to the recovery, which looks again every few seconds.
    if (count > MAX_REJOINS) return;
    try {
      if (count > 1) await delay(retryDelayMs(count, Math.random()), undefined, { signal });
      const { people } = await api.presence(room.name);
      if (people) await join(lost);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ room: room.sid, err: error }, 'a room cannot be joined again yet');
      failed();
    }
  }
}
