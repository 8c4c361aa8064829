import {
  DisconnectReason,
  type LocalParticipant,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { RoomClock } from '../audio/room-clock.js';
import type { Caption } from '../captions/caption.js';
import type { OpenDetector } from '../audio/voice-detector.js';
import { SpeakerNames } from '../captions/speaker-names.js';
import { type LimitLevel, limitLevel, strictest } from '../cost/limit.js';
import { RoomUsage } from '../cost/room-usage.js';
import { priceOf } from '../cost/usage.js';
import type { Config } from '../config/config.js';
import type { Logger } from '../logging.js';
import type { RoomMetrics } from '../metrics/room-metrics.js';
import { inOneCall } from '../publish/one-call.js';
import { serveBacklog } from './backlog-rpc.js';
import { captionsInJournals, onClock } from './earlier-captions.js';
import { RoomError } from './errors.js';
import { RoomOutput } from './output.js';
import type { PipelineOptions } from './pipeline.js';
import { serveHandover } from './handover.js';
import { HeardLanguages } from './heard-languages.js';
import { roomLanguage } from './language.js';
import { isAgent, isPerson } from './selection.js';
import { StatusReporter } from './status-reporter.js';
import { TakeOver } from './take-over.js';
import { SpeechGates } from './speech-gates.js';
import { RoomTracks } from './tracks.js';
import { Wishes } from './wishes.js';
import { TranscriptStore } from '../transcript/store/store.js';

export interface RoomCaptionerOptions extends Pick<
  PipelineOptions,
  'openAudio' | 'openStream' | 'permits'
> {
  /** Connected when `start` is called, best without automatic subscription: the captioner chooses what it hears. */
  readonly room: Room;
  readonly config: Pick<Config, 'pulse' | 'captions' | 'transcript' | 'cost'>;
  /** Told what was sent to the speech service since the last time, in milliseconds of audio. */
  readonly onAudioSent?: ((audioMs: number) => void) | undefined;
  /** Where its transcript goes. Default: one of its own, by the config, that ends with it. */
  readonly transcripts?: TranscriptStore | undefined;
  /** Is told what happens, for whoever counts. */
  readonly metrics?: RoomMetrics | undefined;
  readonly logger: Logger;
  /** Where voices are told from silence; replaced in tests. */
  readonly openDetector?: OpenDetector;
  /** Of the dispatch that called the captioner: settings, as in the room's metadata. */
  readonly dispatchMetadata?: string;
  /** The identity of the captioner in the room that this one takes over from, without a word lost or doubled. */
  readonly succeeds?: string | undefined;
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
  readonly wishes: Wishes;
  readonly usage: RoomUsage;
  readonly languages: HeardLanguages;
  readonly tracks: RoomTracks;
  readonly takeOver: TakeOver | undefined;
  /** To be closed with the session. */
  readonly ownTranscripts: TranscriptStore | undefined;
}

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
  /** Somebody else captions the room now: what is not published yet is theirs. */
  #replaced = false;
  #dayLimit: LimitLevel = 'free';
  #limit: LimitLevel = 'free';
  #handedOver = false;

  constructor(options: RoomCaptionerOptions) {
    this.#options = options;
    this.#room = options.room;
    this.#clock = new RoomClock({ epoch: beginningOf(options.room) });
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

    this.#session = this.#open(localParticipant, sid);
    signal?.addEventListener('abort', this.#onEnd);
    this.#listen('on');
    for (const participant of room.remoteParticipants.values()) this.#onJoined(participant);
    this.#applyWishes();
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
    this.#options.signal?.removeEventListener('abort', this.#onEnd);
    const limitMs = this.#replaced ? 0 : this.#room.isConnected ? LEAVING_MS : ROOM_OVER_MS;
    await this.#session?.tracks.end(limitMs, () => {
      const message = 'the last words are not recognised in time: left out';
      this.#options.logger.warn({ limitMs }, message);
    });
    await this.#session?.output.close(this.#clock.now(), this.#session.usage.summary);
    await this.#session?.ownTranscripts?.close();
    await this.#session?.status.settled();
  }

  #open(self: LocalParticipant, sid: string): Session {
    const { config, logger, metrics, dispatchMetadata, succeeds } = this.#options;
    const { openAudio, openStream, openDetector } = this.#options;
    const clock = this.#clock;
    const room = this.#room;
    const wishes = new Wishes(config.pulse.recognition, dispatchMetadata);
    wishes.roomAsks(room.metadata ?? '');
    const hasKey = room.e2eeManager !== undefined;
    const { outputs } = config.captions;
    const { transcripts, ownTranscripts } = this.#transcripts();
    const call = { room: { sid, name: room.name ?? '' }, epoch: clock.epoch };
    const output = new RoomOutput({
      channel: inOneCall(self),
      // LiveKit encrypts text streams and data messages, but not these.
      outputs: hasKey ? outputs.filter((output) => output !== 'segments') : outputs,
      intervalMs: config.captions.intervalMs,
      transcript: transcripts?.open(call, logger),
      others: () => [...room.remoteParticipants.keys()],
      reachable: () => room.isConnected,
      metrics,
      logger,
    });
    const status = new StatusReporter({
      send: (attributes) => self.setAttributes(attributes),
      onChange: ({ state, reason }) => {
        metrics?.stateChanged(state);
        output.state(state, reason, clock.now());
      },
      logger,
    });
    const takeOver =
      succeeds === undefined ? undefined : new TakeOver({ self, from: succeeds, clock, logger });
    const ratePerHour = config.cost?.ratePerHour ?? 0;
    const usage = new RoomUsage(ratePerHour, (audioMs) => {
      metrics?.add('cost_total', priceOf(audioMs, ratePerHour));
      this.#options.onAudioSent?.(audioMs);
      this.#applyLimits();
    });
    const pipeline: PipelineOptions = {
      usage,
      pulse: config.pulse,
      clock,
      names: new SpeakerNames(),
      onCaption: (caption) => output.caption(caption),
      onConnection: (trackSid, event) => status.connectionChanged(trackSid, event),
      onGap: (gap) => output.gap(gap),
      onLanguageRefused: (language) => {
        wishes.languageRefused(language);
        this.#applyWishes();
      },
      onFault: (error) => this.#fail(error),
      takeOver,
      metrics,
      gates: new SpeechGates(config.pulse, logger, openDetector),
      logger,
      openAudio,
      openStream,
      permits: this.#options.permits,
    };
    const tracks = new RoomTracks({ pipeline, wishes, status, hasKey });
    serveBacklog(self, () => output.backlog);
    serveHandover({
      self,
      isAgent: (identity) => {
        const participant = room.remoteParticipants.get(identity);
        return participant && isAgent(participant);
      },
      clock,
      stop: (since, limitMs) => this.#stopFor(since, limitMs),
      done: this.#onEnd,
    });
    const languages = new HeardLanguages(roomLanguage(config.pulse.recognition.language).shown);
    return { output, status, usage, wishes, languages, tracks, takeOver, ownTranscripts };
  }

  /** How much of what all rooms together may send today is used. */
  set dayLimit(level: LimitLevel) {
    this.#dayLimit = level;
    this.#applyLimits();
  }

  /** When the minutes of this room or of the day are used up, nobody is listened to any more. */
  #applyLimits(): void {
    const session = this.#session;
    if (!session || this.#ended) return;
    const ofRoom = limitLevel(session.usage.audioMs, this.#options.config.cost?.maxMinutesPerRoom);
    const level = strictest(ofRoom, this.#dayLimit);
    if (level === this.#limit) return;
    const paused = level === 'spent';
    const changed = paused !== (this.#limit === 'spent');
    this.#limit = level;
    session.status.limitChanged(level);
    if (!changed) return;
    session.tracks.pause(paused);
    this.#considerAll();
  }

  #transcripts() {
    const { transcripts, config, logger } = this.#options;
    if (transcripts || !config.transcript) return { transcripts, ownTranscripts: undefined };
    const ownTranscripts = new TranscriptStore(config.transcript, logger);
    return { transcripts: ownTranscripts, ownTranscripts };
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

  readonly #onJoined = this.#guarded((participant: RemoteParticipant) => {
    if (!isPerson(participant)) return;
    this.#session?.output.joined(personOf(participant), this.#clock.now());
    this.#hearWishes(participant);
  });

  readonly #onLeft = this.#guarded((participant: RemoteParticipant) => {
    this.#session?.tracks.left(participant);
    if (!isPerson(participant)) return;
    this.#session?.output.left(personOf(participant), this.#clock.now());
    this.#session?.wishes.personLeft(participant.identity);
    this.#session?.languages.left(participant.identity);
    this.#applyWishes();
  });

  /** What is being said gets the new name at once. */
  readonly #onRenamed = this.#guarded((_name: string, participant: Participant) =>
    this.#session?.tracks.renamed(participant.identity),
  );

  readonly #onAttributes = this.#guarded((_changed: unknown, { identity }: Participant) => {
    const participant = this.#room.remoteParticipants.get(identity);
    if (participant && isPerson(participant)) this.#hearWishes(participant);
  });

  readonly #onMetadata = this.#guarded((metadata?: string) => {
    this.#session?.wishes.roomAsks(metadata ?? '');
    this.#applyWishes();
    this.#considerAll();
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
    this.#considerAll();
  });

  readonly #onEnd = () => void this.end();

  readonly #onDisconnected = (reason: DisconnectReason) => {
    this.#replaced = reason === DisconnectReason.DUPLICATE_IDENTITY;
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

  /** What a person wants comes before anything that they publish is heard. */
  #hearWishes(participant: RemoteParticipant): void {
    const session = this.#session;
    if (!session) return;
    const { wishes, output, tracks } = session;
    const { identity, attributes } = participant;
    const before = wishes.optedOut(identity);
    wishes.personAsks(identity, attributes);
    const now = wishes.optedOut(identity);
    tracks.consider(participant);
    if (now && !before) output.optedOut(personOf(participant), this.#clock.now());
    if (before && !now) output.optedIn(personOf(participant), this.#clock.now());
    this.#applyWishes();
  }

  #applyWishes(): void {
    const session = this.#session;
    if (!session) return;
    const { wishes, tracks, status } = session;
    tracks.update();
    this.#noteLanguages(session);
    status.wishesChanged({ off: !wishes.enabled, faults: wishes.faults });
  }

  #noteLanguages({ wishes, languages, output }: Session): void {
    for (const participant of this.#room.remoteParticipants.values()) {
      const { identity } = participant;
      if (!isPerson(participant) || wishes.optedOut(identity)) continue;
      const { shown } = roomLanguage(wishes.languageOf(identity));
      if (!languages.hear(identity, shown)) continue;
      output.languageChanged(personOf(participant), shown, this.#clock.now());
    }
  }

  #considerAll(): void {
    for (const participant of this.#room.remoteParticipants.values()) {
      this.#session?.tracks.consider(participant);
    }
  }
}

/** All captioners of a room have the same zero of their clocks, if the room says when it began. */
function beginningOf(room: Room): number | undefined {
  return room.isConnected && room.creationTime.getTime() > 0
    ? room.creationTime.getTime()
    : undefined;
}

function personOf({ identity, name = '' }: RemoteParticipant) {
  return { identity, name };
}
