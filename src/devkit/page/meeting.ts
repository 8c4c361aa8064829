import {
  DisconnectReason,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  type TextStreamReader,
  Track,
} from 'livekit-client';
import type { Access } from './access.js';
import {
  type CaptionUpdate,
  parseCaptionMessage,
  parseTranscriptionStream,
} from './caption-update.js';
import { type Captioner, findCaptioner } from './captioner.js';
import type { Person } from './people-view.js';
import type { EndReason } from './problems.js';

const DATA_TOPIC = 'captions';
const STREAM_TOPIC = 'lk.transcription';
const MOST_EARLY = 100;

interface EarlyMessage {
  readonly payload: Uint8Array;
  readonly identity: string;
}

export interface MeetingListener {
  onPeople(people: readonly Person[]): void;
  onCaptioner(captioner: Captioner): void;
  onCaption(update: CaptionUpdate): void;
  onReconnecting(reconnecting: boolean): void;
  /** The browser waits for a click before it plays sound; also says when it no longer does. */
  onSoundBlocked(blocked: boolean): void;
  /** It is over, and not by `leave`. */
  onEnded(reason: EndReason): void;
}

/** One stay in one room: LiveKit's side of the page. */
export class Meeting {
  readonly #room = new Room({ adaptiveStream: true });
  readonly #playing = new Map<RemoteTrack, HTMLMediaElement>();
  #early: EarlyMessage[] = [];
  #streams = 0;
  #left = false;

  private constructor(
    private readonly listener: MeetingListener,
    /** Keeps the elements that play the others' voices. */
    private readonly sounds: HTMLElement,
  ) {}

  /** Throws LiveKit's own errors. */
  static async join(
    { url, token }: Access,
    listener: MeetingListener,
    sounds: HTMLElement,
  ): Promise<Meeting> {
    const meeting = new Meeting(listener, sounds);
    // Before the connection: what the server sends first must find somebody who hears it.
    meeting.#listen();
    try {
      await meeting.#room.connect(url, token);
    } catch (error) {
      await meeting.leave();
      throw error;
    }
    meeting.#showEverybody();
    listener.onSoundBlocked(!meeting.#room.canPlaybackAudio);
    return meeting;
  }

  /** Throws the browser's own errors. */
  async setMicrophone(on: boolean): Promise<void> {
    if (on && !window.isSecureContext) {
      throw new DOMException('This page is not in a secure context.', 'InsecureContextError');
    }
    await this.#room.localParticipant.setMicrophoneEnabled(on);
  }

  get microphoneOn(): boolean {
    return this.#room.localParticipant.isMicrophoneEnabled;
  }

  /** To be called from a click. */
  async startSound(): Promise<void> {
    await this.#room.startAudio();
  }

  async leave(): Promise<void> {
    this.#left = true;
    await this.#room.disconnect();
    this.#room.removeAllListeners();
    for (const track of [...this.#playing.keys()]) this.#silence(track);
  }

  #listen(): void {
    const everybody = (): void => this.#showEverybody();
    this.#room
      .on(RoomEvent.ParticipantConnected, (sender) => {
        everybody();
        this.#readEarlyMessages(sender);
      })
      .on(RoomEvent.ParticipantDisconnected, everybody)
      .on(RoomEvent.ParticipantNameChanged, everybody)
      .on(RoomEvent.ParticipantAttributesChanged, everybody)
      .on(RoomEvent.TrackPublished, everybody)
      .on(RoomEvent.TrackUnpublished, everybody)
      .on(RoomEvent.TrackMuted, everybody)
      .on(RoomEvent.TrackUnmuted, everybody)
      .on(RoomEvent.LocalTrackPublished, everybody)
      .on(RoomEvent.LocalTrackUnpublished, everybody)
      .on(RoomEvent.ActiveSpeakersChanged, everybody)
      .on(RoomEvent.TrackSubscribed, (track) => this.#play(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#silence(track))
      .on(RoomEvent.AudioPlaybackStatusChanged, () =>
        this.listener.onSoundBlocked(!this.#room.canPlaybackAudio),
      )
      .on(RoomEvent.Reconnecting, () => this.listener.onReconnecting(true))
      .on(RoomEvent.SignalReconnecting, () => this.listener.onReconnecting(true))
      .on(RoomEvent.Reconnected, () => {
        this.listener.onReconnecting(false);
        this.#showEverybody();
      })
      .on(RoomEvent.Disconnected, (reason) => {
        if (!this.#left) this.listener.onEnded(endReason(reason));
      })
      .on(RoomEvent.DataReceived, (payload, sender, _kind, topic, _encryption, identity) => {
        if (topic === DATA_TOPIC) this.#readMessage({ payload, identity: identity ?? '' }, sender);
      });
    this.#room.registerTextStreamHandler(STREAM_TOPIC, (reader, { identity }) => {
      void this.#readStream(reader, identity, this.#streams++);
    });
  }

  /** Captions come from agents, or from the app's server, which is nobody in the room and has no identity. */
  #readMessage(message: EarlyMessage, sender: RemoteParticipant | undefined): void {
    if (sender ? sender.isAgent : message.identity === '') {
      const update = parseCaptionMessage(message.payload);
      if (update) this.listener.onCaption(update);
    } else if (!sender && this.#early.length < MOST_EARLY) {
      this.#early.push(message);
    }
  }

  /** What somebody says as soon as they are here can arrive before the news that, and as what, they came. */
  #readEarlyMessages(sender: RemoteParticipant): void {
    const early = this.#early;
    this.#early = early.filter(({ identity }) => identity !== sender.identity);
    for (const message of early) {
      if (message.identity === sender.identity) this.#readMessage(message, sender);
    }
  }

  async #readStream(reader: TextStreamReader, identity: string, order: number): Promise<void> {
    let text: string;
    try {
      text = await reader.readAll();
    } catch {
      // Its sender went away in the middle: what would have been said next did not arrive.
      return;
    }
    const name = this.#room.getParticipantByIdentity(identity)?.name;
    const attributes = reader.info.attributes ?? {};
    const update = parseTranscriptionStream({ attributes, identity, name, text, order });
    if (update && !this.#left) this.listener.onCaption(update);
  }

  #play(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio) return;
    const element = track.attach();
    this.#playing.set(track, element);
    this.sounds.append(element);
  }

  #silence(track: RemoteTrack): void {
    track.detach();
    this.#playing.get(track)?.remove();
    this.#playing.delete(track);
  }

  #showEverybody(): void {
    if (this.#left) return;
    const { localParticipant, remoteParticipants } = this.#room;
    const others = [...remoteParticipants.values()];
    const agents = others.filter((one) => one.isAgent);
    this.listener.onCaptioner(
      findCaptioner(
        agents.map((one) => ({
          attributes: one.attributes,
          joinedAt: one.joinedAt?.getTime() ?? 0,
        })),
      ),
    );
    const shown = others
      .filter((one) => one.attributes['captions.v'] === undefined || !one.isAgent)
      .sort((a, b) => (a.joinedAt?.getTime() ?? 0) - (b.joinedAt?.getTime() ?? 0));
    this.listener.onPeople([localParticipant, ...shown].map(toPerson));
  }
}

function toPerson(participant: Participant): Person {
  const microphone = participant.getTrackPublication(Track.Source.Microphone);
  return {
    identity: participant.identity,
    name: participant.name ?? '',
    you: participant.isLocal,
    agent: participant.isAgent,
    speaking: participant.isSpeaking,
    microphone: microphone === undefined ? 'none' : microphone.isMuted ? 'muted' : 'on',
  };
}

function endReason(reason: DisconnectReason | undefined): EndReason {
  switch (reason) {
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'removed';
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return 'closed';
    default:
      return 'lost';
  }
}
