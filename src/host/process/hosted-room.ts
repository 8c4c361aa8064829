import { DisconnectReason, Room, RoomEvent } from '@livekit/rtc-node';
import type { Config } from '../../config/config.js';
import type { LimitLevel } from '../../cost/limit.js';
import type { Level, Pressure } from '../../degradation/steps.js';
import type { Logger } from '../../logging.js';
import type { StreamPermits } from '../../pulse/pool.js';
import type { RoomMetrics } from '../../metrics/room-metrics.js';
import type { RoomProcessMetrics } from '../../metrics/room-process-metrics.js';
import { RoomCaptioner } from '../../room/captioner.js';
import type { Traces } from '../../tracing/traces.js';
import type { TranscriptStore } from '../../transcript/store/store.js';
import { connectOptions } from '../../room/connect-options.js';
import type { Assignment } from '../assignment.js';
import { ALIVE_METHOD, answerAlive } from './alive.js';
import type { EndReason } from './messages.js';

export interface HostedRoomOptions {
  readonly assignment: Assignment;
  readonly config: Config;
  /** Where the transcripts of this process go. */
  readonly transcripts: TranscriptStore | undefined;
  /** Who may connect to the speech service. Undefined: everybody. */
  readonly permits?: StreamPermits | undefined;
  readonly metrics: RoomProcessMetrics;
  /** Undefined: nobody wants any. */
  readonly traces: Traces | undefined;
  readonly logger: Logger;
  /** The sids of all rooms that this process is in. */
  readonly sids: () => ReadonlySet<string>;
  readonly joined: () => void;
  /** What was sent to the speech service since the last time, in milliseconds of audio. */
  readonly onAudioSent: (audioMs: number) => void;
}

export interface RoomEnd {
  readonly reason: EndReason;
  readonly error?: string | undefined;
}

/** One room in this process: connected, captioned, and left again. */
export class HostedRoom {
  /** Resolves when the room has been left; never rejects. */
  readonly ended: Promise<RoomEnd>;
  readonly #options: HostedRoomOptions;
  readonly #room = new Room();
  #captioner: RoomCaptioner | undefined;
  #told = false;
  #dayLimit: LimitLevel = 'free';
  #degradation: Level = 0;
  #disconnected: DisconnectReason | undefined;
  #sid = '';

  constructor(options: HostedRoomOptions) {
    this.#options = options;
    // Every track of the room listens to it.
    this.#room.setMaxListeners(0);
    this.#room.once(RoomEvent.Disconnected, (reason) => {
      this.#disconnected = reason;
    });
    this.ended = this.#run();
  }

  /** As it is now: it changes when the LiveKit server starts again. Empty until it is known. */
  get sid(): string {
    return this.#sid;
  }

  /** Speech streams that may be open. */
  get streams(): number {
    return this.#captioner?.heardTracks ?? 0;
  }

  /** How much of the day's minutes is used. */
  set dayLimit(level: LimitLevel) {
    this.#dayLimit = level;
    if (this.#captioner) this.#captioner.dayLimit = level;
  }

  /** What this process gives up in all of its rooms. */
  set degradation(level: Level) {
    this.#degradation = level;
    if (this.#captioner) this.#captioner.processDegradation = level;
  }

  /** How its own network keeps up. */
  get pressure(): Pressure {
    return this.#captioner?.pressure ?? 'calm';
  }

  /** Leaves, with the last words said and the transcript written. */
  leave(): void {
    this.#told = true;
    void this.#captioner?.end();
  }

  async #run(): Promise<RoomEnd> {
    const { assignment, traces } = this.#options;
    const counted = this.#options.metrics.openRoom();
    const metrics = traces?.openRoom(assignment.room.sid, counted) ?? counted;
    try {
      return await this.#caption(metrics);
    } catch (error) {
      const reason = this.#captioner ? 'failed' : 'lost';
      return { reason, error: error instanceof Error ? error.message : String(error) };
    } finally {
      metrics.close();
      await this.#room.disconnect().catch(() => undefined);
    }
  }

  async #caption(metrics: RoomMetrics): Promise<RoomEnd> {
    const { assignment, config, transcripts, logger, joined } = this.#options;
    const { token, room, metadata } = assignment;
    await this.#room.connect(config.livekit.url, token, connectOptions(config.livekit.sharedKey));
    this.#sid = await this.#room.getSid();
    this.#room.on(RoomEvent.RoomSidChanged, (sid) => {
      this.#sid = sid;
    });
    // It ended while we were on our way, and our coming has made another of that name.
    if (this.#sid !== room.sid || this.#told) return { reason: this.#told ? 'told' : 'over' };
    this.#serveAlive();
    const captioner = new RoomCaptioner({
      room: this.#room,
      config,
      transcripts,
      permits: this.#options.permits,
      onAudioSent: this.#options.onAudioSent,
      metrics,
      logger: logger.child({ room: room.sid }),
      dispatchMetadata: metadata,
      succeeds: assignment.succeeds,
    });
    this.#captioner = captioner;
    captioner.dayLimit = this.#dayLimit;
    captioner.processDegradation = this.#degradation;
    await captioner.start();
    joined();
    await captioner.ended;
    return { reason: this.#reason(), error: captioner.failure?.message };
  }

  #serveAlive(): void {
    this.#room.localParticipant?.registerRpcMethod(ALIVE_METHOD, ({ payload }) =>
      Promise.resolve(answerAlive(payload, this.#options.sids())),
    );
  }

  #reason(): EndReason {
    if (this.#captioner?.failure) return 'failed';
    if (this.#captioner?.handedOver) return 'replaced';
    switch (this.#disconnected) {
      case undefined:
        return 'told';
      case DisconnectReason.ROOM_DELETED:
      case DisconnectReason.ROOM_CLOSED:
        return 'over';
      case DisconnectReason.PARTICIPANT_REMOVED:
        return 'removed';
      case DisconnectReason.DUPLICATE_IDENTITY:
        return 'replaced';
      default:
        return this.#told ? 'told' : 'lost';
    }
  }
}
