import {
  type LocalParticipant,
  type Participant,
  RemoteAudioTrack,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { RoomClock } from '../audio/room-clock.js';
import { SpeakerNames } from '../captions/speaker-names.js';
import type { Config } from '../config/config.js';
import type { Logger } from '../logging.js';
import { RoomError } from './errors.js';
import { roomLanguage } from './language.js';
import { RoomOutput } from './output.js';
import { captionTrack, type PipelineOptions } from './pipeline.js';
import { isCaptioned, isPerson, sourceOf } from './selection.js';
import { StatusReporter } from './status-reporter.js';
import type { TrackCaptioner } from './track-captioner.js';

export interface RoomCaptionerOptions extends Pick<PipelineOptions, 'openAudio' | 'openStream'> {
  /** Connected when `start` is called, best without automatic subscription: the captioner chooses what it hears. */
  readonly room: Room;
  readonly config: Pick<Config, 'pulse' | 'captions' | 'transcript'>;
  readonly logger: Logger;
  /** Ends the captioner, as `end` does. */
  readonly signal?: AbortSignal;
}

/**
 * How long to wait for the last words: those who ask a captioner to leave a room do not want to wait, while after the
 * end of a room there is only the transcript, which should be whole.
 */
const LEAVING_MS = 10_000;
const ROOM_OVER_MS = 30_000;

/** What there is between `start` and `end`. */
interface Session {
  readonly output: RoomOutput;
  readonly status: StatusReporter;
  readonly pipeline: PipelineOptions;
}

/**
 * Captions one room: every audio track of a person is recognised, cut into segments, published and written down,
 * from when it is subscribed to its last word. It ends when it is told to, or when the room does.
 */
export class RoomCaptioner {
  readonly #options: RoomCaptionerOptions;
  readonly #room: Room;
  readonly #clock = new RoomClock();
  readonly #tracks = new Map<string, { owner: RemoteParticipant; captioner: TrackCaptioner }>();
  readonly #ending = new Set<TrackCaptioner>();
  #session: Session | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: RoomCaptionerOptions) {
    this.#options = options;
    this.#room = options.room;
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

    this.#session = this.#open(localParticipant, sid);
    signal?.addEventListener('abort', this.#onEnd);
    this.#listen('on');
    for (const participant of room.remoteParticipants.values()) this.#onJoined(participant);
    this.#session.status.ready();
  }

  /**
   * Resolves when all that was said is published and the transcript is written. While the room is still connected
   * its last words reach the people in it. May be called more than once, and never rejects.
   */
  end(): Promise<void> {
    this.#ended ??= this.#finish();
    return this.#ended;
  }

  async #finish(): Promise<void> {
    this.#listen('off');
    this.#options.signal?.removeEventListener('abort', this.#onEnd);
    for (const sid of this.#tracks.keys()) this.#endTrack(sid);
    await this.#lastWords(this.#room.isConnected ? LEAVING_MS : ROOM_OVER_MS);
    await this.#session?.output.close(this.#clock.now());
    await this.#session?.status.settled();
  }

  async #lastWords(limitMs: number): Promise<void> {
    const ending = [...this.#ending];
    const limit = setTimeout(() => {
      this.#options.logger.warn({ limitMs }, 'the last words are not recognised in time: left out');
      for (const captioner of ending) captioner.abandon();
    }, limitMs);
    await Promise.all(ending.map((captioner) => captioner.end()));
    clearTimeout(limit);
  }

  #open(self: LocalParticipant, sid: string): Session {
    const { config, logger, openAudio, openStream } = this.#options;
    const clock = this.#clock;
    const output = new RoomOutput({
      channel: self,
      outputs: config.captions.outputs,
      intervalMs: config.captions.intervalMs,
      directory: config.transcript?.directory,
      room: { sid, name: this.#room.name ?? '' },
      epoch: clock.epoch,
      reachable: () => this.#room.isConnected,
      logger,
    });
    const status = new StatusReporter({
      send: (attributes) => self.setAttributes(attributes),
      languages: roomLanguage(config.pulse.recognition.language).shown,
      logger,
    });
    const pipeline: PipelineOptions = {
      pulse: config.pulse,
      clock,
      names: new SpeakerNames(),
      onCaption: (caption) => output.caption(caption),
      onConnection: (trackSid, event) => status.connectionChanged(trackSid, event),
      logger,
      openAudio,
      openStream,
    };
    return { output, status, pipeline };
  }

  #listen(method: 'on' | 'off'): void {
    const room = this.#room;
    room[method](RoomEvent.ParticipantConnected, this.#onJoined);
    room[method](RoomEvent.ParticipantDisconnected, this.#onLeft);
    room[method](RoomEvent.ParticipantNameChanged, this.#onRenamed);
    room[method](RoomEvent.TrackPublished, this.#onPublished);
    room[method](RoomEvent.TrackUnpublished, this.#onUnpublished);
    room[method](RoomEvent.TrackSubscribed, this.#onSubscribed);
    room[method](RoomEvent.TrackUnsubscribed, this.#onUnsubscribed);
    room[method](RoomEvent.TrackSubscriptionFailed, this.#onSubscriptionFailed);
    room[method](RoomEvent.Reconnected, this.#onReconnected);
    room[method](RoomEvent.Disconnected, this.#onEnd);
  }

  readonly #onJoined = (participant: RemoteParticipant) => {
    if (isPerson(participant)) {
      this.#session?.output.joined(personOf(participant), this.#clock.now());
    }
    this.#subscribeTo(participant);
  };

  readonly #onLeft = (participant: RemoteParticipant) => {
    for (const [sid, { owner }] of this.#tracks) if (owner === participant) this.#endTrack(sid);
    if (isPerson(participant)) {
      this.#session?.output.left(personOf(participant), this.#clock.now());
    }
  };

  /** What is being said gets the new name at once. */
  readonly #onRenamed = (_name: string, participant: Participant) => {
    for (const { owner, captioner } of this.#tracks.values()) {
      if (owner === participant) captioner.refresh();
    }
  };

  readonly #onPublished = (publication: RemoteTrackPublication, owner: RemoteParticipant) => {
    if (!isCaptioned(publication, owner)) return;
    if (publication.track instanceof RemoteAudioTrack) {
      this.#onSubscribed(publication.track, publication, owner);
    } else {
      publication.setSubscribed(true);
    }
  };

  readonly #onSubscribed = (
    audio: RemoteTrack,
    publication: RemoteTrackPublication,
    owner: RemoteParticipant,
  ) => {
    const { sid } = publication;
    if (!this.#session || !sid || this.#tracks.has(sid)) return;
    if (!(audio instanceof RemoteAudioTrack) || !isCaptioned(publication, owner)) return;
    const track = { sid, source: sourceOf(publication) };
    const captioner = captionTrack(audio, track, owner, this.#session.pipeline);
    this.#tracks.set(sid, { owner, captioner });
  };

  readonly #onUnsubscribed = (_audio: RemoteTrack, { sid }: RemoteTrackPublication) =>
    this.#endTrack(sid);

  readonly #onUnpublished = ({ sid }: RemoteTrackPublication) => this.#endTrack(sid);

  readonly #onSubscriptionFailed = (track: string, _owner: RemoteParticipant, reason?: string) =>
    this.#options.logger.warn({ track, reason }, 'a track cannot be heard');

  /** The server may be another one now, which knows neither our attributes nor what we listen to. */
  readonly #onReconnected = () => {
    this.#session?.status.resend();
    for (const participant of this.#room.remoteParticipants.values()) {
      this.#subscribeTo(participant);
    }
  };

  readonly #onEnd = () => void this.end();

  #subscribeTo(participant: RemoteParticipant): void {
    for (const publication of participant.trackPublications.values()) {
      this.#onPublished(publication, participant);
    }
  }

  #endTrack(sid: string | undefined): void {
    const track = sid === undefined ? undefined : this.#tracks.get(sid);
    if (!sid || !track) return;
    this.#tracks.delete(sid);
    this.#ending.add(track.captioner);
    void track.captioner.end().then(() => {
      this.#ending.delete(track.captioner);
      if (!this.#ended) this.#session?.status.trackEnded(sid);
    });
  }
}

function personOf({ identity, name = '' }: RemoteParticipant) {
  return { identity, name };
}
