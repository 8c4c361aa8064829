import type { Job } from '@livekit/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logging.js';
import { readDispatch } from './assignment.js';
import type { Captioner, Captioners } from './captioners.js';
import { CAPTIONER_NAME, captionerIdentities, firstAttributes, successorOf } from './identity.js';
import type { LiveKitApi } from './livekit-api.js';
import type { Acceptance } from './registration.js';
import type { RoomProcess } from './room-process.js';

/** A worker that is asked has 100 ms to answer; the server itself answers us in a few. */
const LOOK_MS = 60;
/** What was accepted is assigned at once, or never. */
const ASSIGN_MS = 10_000;

export interface OffersOptions {
  readonly api: LiveKitApi;
  readonly agentName: string;
  readonly captioners: Captioners;
  /** The process for another room. */
  readonly place: () => RoomProcess;
  readonly mayJoin: () => boolean;
  /** Sends a captioner into its room. */
  readonly send: (captioner: Captioner, token: string, succeeds: string | undefined) => void;
  readonly forget: (captioner: Captioner) => void;
  readonly logger: Logger;
}

/** What the LiveKit server offers: rooms, of which those are taken that have no captioner. */
export class Offers {
  readonly #options: OffersOptions;

  constructor(options: OffersOptions) {
    this.#options = options;
  }

  async available(job: Job): Promise<Acceptance | undefined> {
    const { room } = job;
    const { agentName, captioners, logger, place, mayJoin, forget } = this.#options;
    if (!room || !mayJoin()) return undefined;
    const { metadata, succeeds } = readDispatch(job.metadata);
    // Whether there is one already is asked; who does not hear in time comes, and finds out in the room.
    const taken = await Promise.race([
      this.#isCaptioned(room.name),
      delay(LOOK_MS, false, { ref: false }),
    ]);
    if (taken && succeeds === undefined) {
      logger.info({ room: room.sid, job: job.id }, 'refused: the room has a captioner');
      return undefined;
    }
    const identity =
      succeeds === undefined ? captionerIdentities(agentName)[0] : successorOf(succeeds, agentName);
    if (captioners.get(room.name, identity)) return undefined;
    const process = place();
    const captioner: Captioner = {
      room: { name: room.name, sid: room.sid },
      identity,
      metadata,
      process,
      job: { id: job.id, dispatchId: job.dispatchId },
      state: 'reserved',
    };
    captioners.add(captioner);
    setTimeout(() => {
      if (captioner.state === 'reserved') forget(captioner);
    }, ASSIGN_MS).unref();
    logger.info({ room: room.sid, job: job.id }, 'taking a room');
    return { identity, name: CAPTIONER_NAME, attributes: firstAttributes(process.id) };
  }

  assigned(job: Job, token: string): void {
    const captioner = this.#options.captioners.ofJob(job.id);
    if (captioner?.state !== 'reserved') return;
    this.#options.send(captioner, token, readDispatch(job.metadata).succeeds);
  }

  /**
   * The server says so when a dispatch is deleted, but also after somebody with the same identity was put out of the
   * room, and then it names the newcomer's job.
   */
  async terminated(jobId: string): Promise<void> {
    const captioner = this.#options.captioners.ofJob(jobId);
    if (!captioner?.job) return;
    const wanted = await this.#options.api
      .hasDispatch(captioner.room.name, captioner.job.dispatchId)
      .catch(() => true);
    if (wanted) return;
    const { room, identity, process } = captioner;
    process.send({ type: 'leave', room: room.name, identity });
  }

  async #isCaptioned(room: string): Promise<boolean> {
    if (this.#options.captioners.has(room)) return true;
    const presence = await this.#options.api.presence(room).catch(() => undefined);
    return presence !== undefined && presence.captioners.length > 0;
  }
}
