import {
  DisconnectReason,
  type Participant,
  type RemoteTrack,
  Room,
  RoomEvent,
  Track,
} from 'livekit-client';
import {
  type OwnCaptions,
  ownCaptions,
  RoomCaptions,
  setOwnCaptions,
} from 'livekit-pulse-captions/client';
import type { Access } from './access.js';
import type { EndReason } from './problems.js';
import type { Person } from './tiles-view.js';

export interface MeetingListener {
  onPeople(people: readonly Person[]): void;
  onOwnCaptions(own: OwnCaptions): void;
  onReconnecting(reconnecting: boolean): void;
  /** The browser waits for a click before it plays sound; also says when it no longer does. */
  onSoundBlocked(blocked: boolean): void;
  /** It is over, and not by `leave`. */
  onEnded(reason: EndReason): void;
}

/** One room after another: LiveKit's side of the page. */
export class Meeting {
  readonly #room = new Room({ adaptiveStream: true });
  /** Listens before any room is joined: what the server sends first must find somebody who hears it. */
  readonly captions = new RoomCaptions(this.#room);
  readonly #playing = new Map<RemoteTrack, HTMLMediaElement>();
  #joined = false;

  constructor(
    private readonly listener: MeetingListener,
    /** Keeps the elements that play the others' voices. */
    private readonly sounds: HTMLElement,
  ) {
    this.#listen();
  }

  isJoined(): boolean {
    return this.#joined;
  }

  /** Throws LiveKit's own errors. */
  async join({ url, token }: Access): Promise<void> {
    await this.#room.connect(url, token);
    this.#joined = true;
    this.#showEverybody();
    this.listener.onSoundBlocked(!this.#room.canPlaybackAudio);
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

  /** Throws LiveKit's own errors. */
  async setOwnCaptions(wish: Partial<OwnCaptions>): Promise<void> {
    try {
      await setOwnCaptions(this.#room, wish);
    } finally {
      this.#showEverybody();
    }
  }

  /** To be called from a click. */
  async startSound(): Promise<void> {
    await this.#room.startAudio();
  }

  async leave(): Promise<void> {
    this.#joined = false;
    await this.#room.disconnect();
    for (const track of [...this.#playing.keys()]) this.#silence(track);
  }

  #listen(): void {
    const everybody = (): void => this.#showEverybody();
    this.#room
      .on(RoomEvent.ParticipantConnected, everybody)
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
        if (!this.#joined) return;
        this.#joined = false;
        this.listener.onEnded(endReason(reason));
      });
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
    if (!this.#joined) return;
    const { localParticipant, remoteParticipants } = this.#room;
    const shown = [...remoteParticipants.values()]
      .filter((one) => one.attributes['captions.v'] === undefined || !one.isAgent)
      .sort((a, b) => (a.joinedAt?.getTime() ?? 0) - (b.joinedAt?.getTime() ?? 0));
    this.listener.onPeople([localParticipant, ...shown].map(toPerson));
    this.listener.onOwnCaptions(ownCaptions(localParticipant));
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
    captioned: ownCaptions(participant).enabled,
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
