import {
  DisconnectReason,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { RoomClock } from '../audio/room-clock.js';
import type { Caption } from '../captions/caption.js';
import type { LimitLevel } from '../cost/limit.js';
import type { Level, Pressure } from '../degradation/steps.js';
import { connectionOf } from './connection.js';
import { captionsInJournals, onClock } from './earlier-captions.js';
import { RoomError } from './errors.js';
import { RoomLimits } from './limits.js';
import { isPerson } from './selection.js';
import { openSession, type RoomCaptionerOptions, type Session } from './session.js';

export type { RoomCaptionerOptions } from './session.js';

/**
 * How long to wait for the last words: those who ask a captioner to leave a room do not want to wait, while after the
 * end of a room there is only the transcript, which should be whole.
 */
const LEAVING_MS = 10_000;
const ROOM_OVER_MS = 30_000;

/**
 * Captions one room: every audio track of a person is recognised, cut into segments, published and written down,
 * from when it is subscribed to its last word. It ends when it is told to, or when the room does.
 */
export class RoomCaptioner {
  readonly #options: RoomCaptionerOptions;
  readonly #room: Room;
  readonly #clock: RoomClock;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  #session: Session | undefined;
  #ended: Promise<void> | undefined;
  #onEnded: () => void = () => undefined;
  #failure: Error | undefined;
  /** Why the room was left, when that was not our wish. */
  #disconnected: DisconnectReason | undefined;
  readonly #limits: RoomLimits;
  #handedOver = false;
  #degradation: Level = 0;

  constructor(options: RoomCaptionerOptions) {
    this.#options = options;
    this.#room = options.room;
    this.#clock = new RoomClock({ epoch: beginningOf(options.room) });
    this.#limits = new RoomLimits(options.config.cost?.maxMinutesPerRoom);
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
  }

  /** Why it ended by itself, when that was a fault of its own. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Another captioner goes on where this one has stopped. */
  get handedOver(): boolean {
    return this.#handedOver;
  }

  /** Audio tracks that are listened to. */
  get heardTracks(): number {
    return this.#session?.tracks.heard ?? 0;
  }

  /**
   * Begins with who is there. A room that has ended in the meantime is no error.
   * @throws RoomError when the room was never connected
   */
  async start(): Promise<void> {
    const { room, signal } = this.#options;
    const { localParticipant } = room;
    if (!localParticipant) {
      throw new RoomError('not_connected', 'connect the room before its captioner is started');
    }
    const sid = await room.getSid().catch(() => '');
    if (this.#ended || signal?.aborted || !room.isConnected) return this.end();

    this.#session = openSession(localParticipant, sid, this.#clock, this.#options, {
      connection: () => connectionOf(this.#room, this.#disconnected),
      onFault: (error) => this.#fail(error),
      onUsage: () => this.#applyLimits(),
      stop: (since, limitMs) => this.#stopFor(since, limitMs),
      done: this.#onEnd,
    });
    this.#session.degradation.ofProcess = this.#degradation;
    signal?.addEventListener('abort', this.#onEnd);
    this.#listen('on');
    for (const participant of room.remoteParticipants.values()) this.#onJoined(participant);
    this.#session.people.applyWishes();
    const backlog = await this.#session.takeOver?.run();
    this.#session.status.ready();
    this.#applyLimits();
    await this.#inherit(sid, backlog ?? []);
  }

  /**
   * Resolves when all that was said is published and the transcript is written. While the room is still connected
   * its last words reach the people in it. May be called more than once, and never rejects.
   */
  end(): Promise<void> {
    this.#ended ??= this.#finish().finally(this.#onEnded);
    return this.#ended;
  }

  async #finish(): Promise<void> {
    this.#listen('off');
    this.#session?.degradation.close();
    this.#options.signal?.removeEventListener('abort', this.#onEnd);
    // Somebody else captions the room now: what is not published yet is theirs.
    const replaced = this.#disconnected === DisconnectReason.DUPLICATE_IDENTITY;
    const limitMs = replaced ? 0 : this.#room.isConnected ? LEAVING_MS : ROOM_OVER_MS;
    await this.#session?.tracks.end(limitMs, () => {
      const message = 'the last words are not recognised in time: left out';
      this.#options.logger.warn({ limitMs }, message);
    });
    await this.#session?.output.close(this.#clock.now(), this.#session.usage.summary);
    await this.#session?.ownTranscripts?.close();
    await this.#session?.status.settled();
  }

  /** How much of what all rooms together may send today is used. */
  set dayLimit(level: LimitLevel) {
    this.#limits.ofDay = level;
    this.#applyLimits();
  }

  /** What the process gives up in all of its rooms, because it cannot keep up. */
  set processDegradation(level: Level) {
    this.#degradation = level;
    if (this.#session) this.#session.degradation.ofProcess = level;
  }

  /** How this room's own network keeps up. */
  get pressure(): Pressure {
    return this.#session?.degradation.pressure ?? 'calm';
  }

  /** When the minutes of this room or of the day are used up, nobody is listened to any more. */
  #applyLimits(): void {
    const session = this.#session;
    if (!session || this.#ended) return;
    const change = this.#limits.change(session.usage.audioMs);
    if (!change) return;
    session.status.limitChanged(change.level);
    if (change.paused === undefined) return;
    session.tracks.pause(change.paused);
    session.people.considerAll();
  }

  /**
   * Who comes later is to read what captioners before this one have said, too.
   * @param backlog of the one that has handed the room over
   */
  async #inherit(sid: string, backlog: readonly Caption[]): Promise<void> {
    const { config, logger } = this.#options;
    const { epoch } = this.#clock;
    const written = config.transcript
      ? await captionsInJournals(config.transcript.directory, sid).catch((error: unknown) => {
          logger.warn({ err: error }, 'who comes later gets only what is said from now on');
          return [];
        })
      : [];
    const earlier = [...written, ...backlog].map((caption) => onClock(caption, epoch));
    this.#session?.output.inherit(earlier, this.#clock.now());
  }

  /** Another captioner is in the room and has the audio since the times given. */
  async #stopFor(since: ReadonlyMap<string, number>, limitMs: number) {
    const session = this.#session;
    if (!session || this.#ended) return new Map<string, never>();
    this.#handedOver = true;
    this.#listen('off');
    this.#room.on(RoomEvent.Disconnected, this.#onDisconnected);
    const positions = await session.tracks.handOver(since, limitMs);
    await session.output.sent();
    return positions;
  }

  #listen(method: 'on' | 'off'): void {
    const room = this.#room;
    room[method](RoomEvent.ParticipantConnected, this.#onJoined);
    room[method](RoomEvent.ParticipantDisconnected, this.#onLeft);
    room[method](RoomEvent.ParticipantAttributesChanged, this.#onAttributes);
    room[method](RoomEvent.RoomMetadataChanged, this.#onMetadata);
    room[method](RoomEvent.ParticipantNameChanged, this.#onRenamed);
    room[method](RoomEvent.TrackPublished, this.#onPublished);
    room[method](RoomEvent.TrackUnpublished, this.#onUnpublished);
    room[method](RoomEvent.TrackSubscribed, this.#onSubscribed);
    room[method](RoomEvent.TrackUnsubscribed, this.#onUnsubscribed);
    room[method](RoomEvent.TrackSubscriptionFailed, this.#onSubscriptionFailed);
    room[method](RoomEvent.ActiveSpeakersChanged, this.#onSpeakers);
    room[method](RoomEvent.Reconnected, this.#onReconnected);
    room[method](RoomEvent.RoomSidChanged, this.#onSidChanged);
    room[method](RoomEvent.Disconnected, this.#onDisconnected);
  }

  readonly #onJoined = this.#guarded((participant: RemoteParticipant) =>
    this.#session?.people.joined(participant),
  );

  readonly #onLeft = this.#guarded((participant: RemoteParticipant) =>
    this.#session?.people.left(participant),
  );

  /** What is being said gets the new name at once. */
  readonly #onRenamed = this.#guarded((_name: string, participant: Participant) =>
    this.#session?.tracks.renamed(participant.identity),
  );

  readonly #onAttributes = this.#guarded((_changed: unknown, { identity }: Participant) => {
    const participant = this.#room.remoteParticipants.get(identity);
    if (participant && isPerson(participant)) this.#session?.people.ask(participant);
  });

  readonly #onMetadata = this.#guarded((metadata?: string) => {
    this.#session?.wishes.roomAsks(metadata ?? '');
    this.#session?.people.applyWishes();
    this.#session?.people.considerAll();
  });

  readonly #onPublished = this.#guarded(
    (publication: RemoteTrackPublication, owner: RemoteParticipant) =>
      this.#session?.tracks.published(publication, owner),
  );

  readonly #onSubscribed = this.#guarded(
    (audio: RemoteTrack, publication: RemoteTrackPublication, owner: RemoteParticipant) =>
      this.#session?.tracks.subscribed(audio, publication, owner),
  );

  readonly #onUnsubscribed = this.#guarded((_audio: RemoteTrack, { sid }: RemoteTrackPublication) =>
    this.#session?.tracks.ended(sid),
  );

  readonly #onUnpublished = this.#guarded(({ sid }: RemoteTrackPublication) =>
    this.#session?.tracks.unpublished(sid),
  );

  readonly #onSubscriptionFailed = (track: string, _owner: RemoteParticipant, reason?: string) =>
    this.#options.logger.warn({ track, reason }, 'a track cannot be heard');

  readonly #onSpeakers = (speakers: readonly Participant[]) => {
    const identities = new Set(speakers.map(({ identity }) => identity));
    this.#session?.tracks.speaking(identities, this.#clock.now());
  };

  readonly #onSidChanged = this.#guarded((sid: string) => this.#session?.output.sidChanged(sid));

  /** The server may be another one now, which knows neither our attributes nor what we listen to. */
  readonly #onReconnected = this.#guarded(() => {
    this.#session?.status.resend();
    this.#session?.people.considerAll();
  });

  readonly #onEnd = () => void this.end();

  readonly #onDisconnected = (reason: DisconnectReason) => {
    this.#disconnected = reason;
    this.#onEnd();
  };

  /** A fault in this room ends its captions, says so in the room, and leaves all other rooms alone. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#options.logger.error({ err: this.#failure }, 'a captioner has failed: it ends');
    this.#session?.status.failed();
    this.#onEnd();
  }

  /** What happens in the room cannot take the process with it. */
  #guarded<Args extends unknown[]>(handle: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        handle(...args);
      } catch (error) {
        this.#fail(error);
      }
    };
  }
}

/** All captioners of a room have the same zero of their clocks, if the room says when it began. */
function beginningOf(room: Room): number | undefined {
  return room.isConnected && room.creationTime.getTime() > 0
    ? room.creationTime.getTime()
    : undefined;
}
