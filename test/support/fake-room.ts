import { EventEmitter } from 'node:events';
import {
  AudioFrame,
  ParticipantKind,
  RemoteAudioTrack,
  type Room,
  RoomEvent,
  TrackKind,
  TrackSource,
} from '@livekit/rtc-node';
import type { PulseEvent } from '../../src/pulse/events.js';

const RATE = 16_000;

/** One published track of a fake participant; `track` is there while it is subscribed. */
export interface FakePublication {
  readonly sid: string;
  readonly kind: TrackKind;
  readonly source: TrackSource;
  subscribed: boolean;
  track: RemoteAudioTrack | undefined;
  setSubscribed(wanted: boolean): void;
}

export interface FakeParticipant {
  readonly identity: string;
  name: string;
  readonly kind: ParticipantKind;
  readonly trackPublications: Map<string, FakePublication>;
}

/** What the captioner's side of one track does: the audio it was given, and the recogniser it opened. */
export interface FakeStream {
  readonly heard: Int16Array[];
  ended: boolean;
  /** Lets the recogniser say something. */
  emit(event: PulseEvent): void;
  /** Called when the stream is ended, before `end` resolves: the last words. */
  onEnd: () => void;
  /** Whether `end` resolves only when the stream is closed. */
  hangs: boolean;
}

/** As much of rtc-node's room as a captioner touches, with no network behind it. */
export class FakeRoom extends EventEmitter {
  readonly name = 'room-name';
  isConnected = true;
  readonly remoteParticipants = new Map<string, FakeParticipant>();
  readonly attributes: Record<string, string>[] = [];
  readonly published: { topic: string | undefined; text: string }[] = [];
  readonly feeds = new Map<RemoteAudioTrack, ReadableStreamDefaultController<AudioFrame>>();
  readonly streams: FakeStream[] = [];
  readonly localParticipant = {
    setAttributes: (attributes: Record<string, string>) => {
      this.attributes.push(attributes);
      return Promise.resolve();
    },
    publishData: (data: Uint8Array, { topic }: { topic?: string }) => {
      if (!this.isConnected) return Promise.reject(new Error('disconnected'));
      this.published.push({ topic, text: new TextDecoder().decode(data) });
      return Promise.resolve();
    },
  };

  getSid(): Promise<string> {
    return Promise.resolve('RM_fake');
  }

  asRoom(): Room {
    return this as unknown as Room;
  }

  join(identity: string, name = identity, kind = ParticipantKind.STANDARD): FakeParticipant {
    const participant = { identity, name, kind, trackPublications: new Map() };
    this.remoteParticipants.set(identity, participant);
    this.emit(RoomEvent.ParticipantConnected, participant);
    return participant;
  }

  leave(participant: FakeParticipant): void {
    this.remoteParticipants.delete(participant.identity);
    this.emit(RoomEvent.ParticipantDisconnected, participant);
  }

  publish(
    participant: FakeParticipant,
    sid: string,
    { kind = TrackKind.KIND_AUDIO, source = TrackSource.SOURCE_MICROPHONE } = {},
  ): FakePublication {
    const publication: FakePublication = {
      sid,
      kind,
      source,
      subscribed: false,
      track: undefined,
      setSubscribed: (wanted) => {
        publication.subscribed = wanted;
        if (wanted) this.#deliver(participant, publication);
        else this.unsubscribe(participant, publication);
      },
    };
    participant.trackPublications.set(sid, publication);
    this.emit(RoomEvent.TrackPublished, publication, participant);
    return publication;
  }

  unsubscribe(participant: FakeParticipant, publication: FakePublication): void {
    const { track } = publication;
    publication.track = undefined;
    publication.subscribed = false;
    this.emit(RoomEvent.TrackUnsubscribed, track, publication, participant);
    if (track) this.feeds.get(track)?.close();
  }

  unpublish(participant: FakeParticipant, publication: FakePublication): void {
    participant.trackPublications.delete(publication.sid);
    this.emit(RoomEvent.TrackUnpublished, publication, participant);
  }

  /** The room is over. */
  disconnect(): void {
    this.isConnected = false;
    this.emit(RoomEvent.Disconnected);
  }

  /** Audio that the track delivers. */
  feed({ track }: FakePublication, samples: number): void {
    const feed = track && this.feeds.get(track);
    feed?.enqueue(new AudioFrame(new Int16Array(samples), RATE, 1, samples));
  }

  readonly openAudio = (track: unknown): ReadableStream<AudioFrame> => {
    if (!(track instanceof RemoteAudioTrack)) throw new Error('not an audio track');
    return new ReadableStream({ start: (controller) => void this.feeds.set(track, controller) });
  };

  readonly openStream = (_config: unknown, onEvent: (event: PulseEvent) => void) => {
    const stream: FakeStream = {
      heard: [],
      ended: false,
      emit: onEvent,
      onEnd: () => undefined,
      hangs: false,
    };
    let close: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (close = resolve));
    this.streams.push(stream);
    return {
      push: (samples: Int16Array) => void stream.heard.push(samples),
      end: () => {
        stream.onEnd();
        stream.ended = true;
        return stream.hangs ? closed : Promise.resolve();
      },
      close: () => close(),
    };
  };

  #deliver(participant: FakeParticipant, publication: FakePublication): void {
    publication.track = Object.create(RemoteAudioTrack.prototype) as RemoteAudioTrack;
    this.emit(RoomEvent.TrackSubscribed, publication.track, publication, participant);
  }
}
