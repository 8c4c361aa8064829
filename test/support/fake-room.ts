import { EventEmitter } from 'node:events';
import {
  AudioFrame,
  ConnectionState,
  DisconnectReason,
  EncryptionType,
  ParticipantKind,
  RemoteAudioTrack,
  type Room,
  RoomEvent,
  TrackKind,
  TrackSource,
} from '@livekit/rtc-node';
import { createLogger } from '../../src/logging.js';
import type { PulseEvent } from '../../src/pulse/events.js';
import type { PulseChanges } from '../../src/pulse/stream.js';
import { RoomCaptioner, type RoomCaptionerOptions } from '../../src/room/captioner.js';
import type { OpenStream } from '../../src/room/pipeline.js';

const RATE = 16_000;

/** One published track of a fake participant; `track` is there while it is subscribed. */
export interface FakePublication {
  readonly sid: string;
  readonly kind: TrackKind;
  readonly source: TrackSource;
  readonly encryptionType: EncryptionType;
  subscribed: boolean;
  track: RemoteAudioTrack | undefined;
  setSubscribed(wanted: boolean): void;
}

export interface FakeParticipant {
  readonly identity: string;
  name: string;
  readonly kind: ParticipantKind;
  attributes: Record<string, string>;
  readonly trackPublications: Map<string, FakePublication>;
}

/** What the captioner's side of one track does: the audio it was given, and the recogniser it opened. */
export interface FakeStream {
  readonly heard: Int16Array[];
  /** Behind how many pieces of audio a final was asked for. */
  readonly flushes: number[];
  ended: boolean;
  closed: boolean;
  /** What it was told to change, in this order. */
  readonly changes: PulseChanges[];
  /** Lets the recogniser refuse a language. */
  refuse(language: string): void;
  /** Lets the recogniser say something. */
  emit(event: PulseEvent): void;
  /** Called when the stream is ended, before `end` resolves: the last words. */
  onEnd: () => void;
  /** Whether `end` resolves only when the stream is closed. */
  hangs: boolean;
  /** Audio that its connection has not taken. */
  unsentMs: number;
  largeChunks: boolean;
}

/** A text stream that was sent. */
export interface FakeText {
  readonly id: string;
  readonly from: string;
  /** Undefined: everybody. */
  readonly to: readonly string[] | undefined;
  readonly final: boolean;
  readonly text: string;
}

/** As much of rtc-node's room as a captioner touches, with no network behind it. */
export class FakeRoom extends EventEmitter {
  readonly name = 'room-name';
  /** It does not say when it began. */
  readonly creationTime = new Date(0);
  isConnected = true;
  connectionState = ConnectionState.CONN_CONNECTED;
  metadata = '';
  /** There while the captioner has a key. */
  e2eeManager: object | undefined;
  readonly remoteParticipants = new Map<string, FakeParticipant>();
  readonly attributes: Record<string, string>[] = [];
  readonly texts: FakeText[] = [];
  readonly rpc = new Map<string, (call: { payload: string }) => Promise<string>>();
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
    identity: 'captions',
    sendText: sendTextInto(this.texts),
    registerRpcMethod: (method: string, answer: (call: { payload: string }) => Promise<string>) => {
      this.rpc.set(method, answer);
    },
  };

  getSid(): Promise<string> {
    return Promise.resolve('RM_fake');
  }

  asRoom(): Room {
    return this as unknown as Room;
  }

  join(
    identity: string,
    name = identity,
    kind = ParticipantKind.STANDARD,
    attributes: Record<string, string> = {},
  ): FakeParticipant {
    const participant = { identity, name, kind, attributes, trackPublications: new Map() };
    this.remoteParticipants.set(identity, participant);
    this.emit(RoomEvent.ParticipantConnected, participant);
    return participant;
  }

  /** An empty value removes an attribute. */
  setAttributes(participant: FakeParticipant, changed: Record<string, string>): void {
    participant.attributes = { ...participant.attributes, ...changed };
    this.emit(RoomEvent.ParticipantAttributesChanged, changed, participant);
  }

  setMetadata(metadata: unknown): void {
    this.metadata = typeof metadata === 'string' ? metadata : JSON.stringify(metadata);
    this.emit(RoomEvent.RoomMetadataChanged, this.metadata);
  }

  leave(participant: FakeParticipant): void {
    this.remoteParticipants.delete(participant.identity);
    this.emit(RoomEvent.ParticipantDisconnected, participant);
  }

  publish(
    participant: FakeParticipant,
    sid: string,
    {
      kind = TrackKind.KIND_AUDIO,
      source = TrackSource.SOURCE_MICROPHONE,
      encryptionType = EncryptionType.NONE,
    } = {},
  ): FakePublication {
    const publication: FakePublication = {
      sid,
      kind,
      source,
      encryptionType,
      subscribed: false,
      track: undefined,
      setSubscribed: (wanted) => {
        if (wanted === publication.subscribed) return;
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
  /** Default: the room is over. */
  disconnect(reason = DisconnectReason.ROOM_CLOSED): void {
    this.isConnected = false;
    this.emit(RoomEvent.Disconnected, reason);
  }

  /** Audio that the track delivers. */
  feed({ track }: FakePublication, samples: number, value = 0): void {
    const feed = track && this.feeds.get(track);
    feed?.enqueue(new AudioFrame(new Int16Array(samples).fill(value), RATE, 1, samples));
  }

  readonly openAudio = (track: unknown): ReadableStream<AudioFrame> => {
    if (!(track instanceof RemoteAudioTrack)) throw new Error('not an audio track');
    return new ReadableStream({ start: (controller) => void this.feeds.set(track, controller) });
  };

  readonly openStream: OpenStream = (_config, onEvent, onLanguageRefused) => {
    const stream: FakeStream = {
      heard: [],
      flushes: [],
      ended: false,
      closed: false,
      changes: [],
      emit: onEvent,
      refuse: onLanguageRefused,
      onEnd: () => undefined,
      hangs: false,
      unsentMs: 0,
      largeChunks: false,
    };
    let close: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (close = resolve));
    this.streams.push(stream);
    return {
      push: (samples) => void stream.heard.push(samples),
      updateOptions: (changes) => void stream.changes.push(changes),
      flush: () => void stream.flushes.push(stream.heard.length),
      position: { until: undefined, tail: [] },
      unconfirmedSpeech: undefined,
      get unsentMs() {
        return stream.unsentMs;
      },
      useLargeChunks: (large) => void (stream.largeChunks = large),
      end: () => {
        stream.onEnd();
        stream.ended = true;
        return stream.hangs ? closed : Promise.resolve();
      },
      close: () => {
        stream.closed = true;
        close();
      },
    };
  };

  #deliver(participant: FakeParticipant, publication: FakePublication): void {
    publication.track = Object.create(RemoteAudioTrack.prototype) as RemoteAudioTrack;
    this.emit(RoomEvent.TrackSubscribed, publication.track, publication, participant);
  }
}

interface TextOptions {
  readonly attributes: Readonly<Record<string, string>>;
  readonly destinationIdentities?: readonly string[];
}

/** In the name of whoever it is called on, as rtc-node's. */
function sendTextInto(texts: FakeText[]) {
  return function (this: { readonly identity: string }, text: string, options: TextOptions) {
    texts.push(sentText(this.identity, options, text));
    return Promise.resolve();
  };
}

function sentText(from: string, options: TextOptions, text: string): FakeText {
  const { attributes, destinationIdentities } = options;
  return {
    id: attributes['lk.segment_id'] ?? '',
    from,
    to: destinationIdentities,
    final: attributes['lk.transcription_final'] === 'true',
    text,
  };
}

/** What a captioner needs here that sends messages and writes nothing down. */
export const MESSAGES_ALONE: RoomCaptionerOptions['config'] = {
  pulse: { apiKey: 'key', baseUrl: 'http://127.0.0.1:1', recognition: { language: 'en' } },
  captions: { outputs: ['data'] },
  transcript: undefined,
};

/** A captioner of a room without a network, that is still to be started. */
export function captionerOf(
  room: FakeRoom,
  options: Partial<RoomCaptionerOptions> = {},
): RoomCaptioner {
  return new RoomCaptioner({
    room: room.asRoom(),
    config: MESSAGES_ALONE,
    logger: createLogger('silent'),
    openAudio: room.openAudio,
    openStream: room.openStream,
    ...options,
  });
}
