import { RoomAgentDispatch } from '@livekit/protocol';
import { Room } from '@livekit/rtc-node';
import { AccessToken, type RoomServiceClient } from 'livekit-server-sdk';
import type { Config } from '../config/config.js';
import { connectOptions } from '../room/connect-options.js';
import { refusal } from './livekit-key.js';
import { type ProbeJob, ProbeWorker } from './probe-worker.js';

/** It goes by itself soon, should we not come to delete it. */
const EMPTY_S = 20;
const SPEAKER = 'captions-check-speaker';

/**
 * A room of our own with a captioner and a speaker in it, on the way that every room takes: made, offered to a worker,
 * joined with the token that the server gives. Its dispatch names nobody but us, so that no other worker comes.
 */
export class TestRoom {
  readonly name: string;
  readonly worker: ProbeWorker;
  readonly captioner = new Room();
  readonly speaker = new Room();
  readonly #livekit: Config['livekit'];
  readonly #service: RoomServiceClient;
  #made = false;
  #job: ProbeJob | undefined;

  /** @param name of the room, and of the agent that it is dispatched to */
  constructor(
    config: Pick<Config, 'livekit' | 'worker'>,
    service: RoomServiceClient,
    name: string,
  ) {
    this.name = name;
    this.worker = new ProbeWorker(config, name);
    this.#livekit = config.livekit;
    this.#service = service;
  }

  /**
   * Makes the room.
   * @returns the job for it; undefined where none is offered until `signal` aborts
   * @throws Error what is wrong and what to do
   */
  async offered(signal: AbortSignal): Promise<ProbeJob | undefined> {
    const offered = this.worker.job(signal).catch(() => undefined);
    try {
      this.#made = true;
      await this.#service.createRoom({
        name: this.name,
        emptyTimeout: EMPTY_S,
        departureTimeout: 1,
        agents: [new RoomAgentDispatch({ agentName: this.name })],
      });
    } catch (error) {
      throw new Error(refusal(error, 'create a room'), { cause: error });
    }
    this.#job = await offered;
    return this.#job;
  }

  /** With what the job gave; call it after `offered`. */
  async joinAsCaptioner(): Promise<void> {
    await this.captioner.connect(this.#livekit.url, this.#job?.token ?? '', connectOptions());
  }

  async joinAsSpeaker(): Promise<void> {
    const { url, apiKey, apiSecret } = this.#livekit;
    const token = new AccessToken(apiKey, apiSecret, { identity: SPEAKER, ttl: '5m' });
    token.addGrant({ roomJoin: true, room: this.name });
    await this.speaker.connect(url, await token.toJwt(), connectOptions());
  }

  /** Leaves, and takes the room away. May be called more than once. */
  async close(): Promise<void> {
    this.worker.close();
    await Promise.allSettled([this.captioner.disconnect(), this.speaker.disconnect()]);
    if (!this.#made) return;
    this.#made = false;
    await this.#service.deleteRoom(this.name).catch(() => undefined);
  }
}
