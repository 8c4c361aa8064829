import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logging.js';
import { handoverMetadata } from './assignment.js';
import type { Captioner } from './captioners.js';
import type { LiveKitApi } from './livekit-api.js';

export interface HandOverOptions {
  readonly api: LiveKitApi;
  readonly captioners: readonly Captioner[];
  /** Whether a captioner is still in its room. */
  readonly isThere: (captioner: Captioner) => boolean;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** For another worker to come, listen, and take over. */
const TAKEN_WITHIN_MS = 25_000;
const LOOK_MS = 100;
/** The others have their own rooms to look after. */
const AT_ONCE = 5;

/** Asks other workers to take the rooms of this one; resolves when they have, or nobody has come. Never rejects. */
export async function handOverRooms(options: HandOverOptions): Promise<void> {
  const queue = options.captioners.values();
  const lane = async () => {
    for (const captioner of queue) {
      if (!options.signal.aborted) await handOver(captioner, options);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function handOver(captioner: Captioner, options: HandOverOptions): Promise<void> {
  const { api, isThere, logger, signal } = options;
  const { room, identity, metadata } = captioner;
  if (!isThere(captioner)) return;
  try {
    await api.dispatch(room.name, handoverMetadata(identity, metadata));
    const limit = performance.now() + TAKEN_WITHIN_MS;
    while (isThere(captioner) && performance.now() < limit) {
      await delay(LOOK_MS, undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted) return;
    logger.warn({ room: room.sid, err: error }, 'no other worker could be asked to take a room');
    return;
  }
  if (isThere(captioner)) {
    logger.warn({ room: room.sid }, 'no other worker has taken this room: its captions end here');
  }
}
