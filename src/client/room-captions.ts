import type { Participant, RemoteParticipant, RoomEventCallbacks } from 'livekit-client';
import { loadBacklog } from './backlog.js';
import { type CaptionSegment, CaptionStore } from './caption-store.js';
import {
  type CaptionUpdate,
  parseCaptionMessage,
  parseTranscriptionEvent,
  parseTranscriptionStream,
} from './caption-update.js';
import { type Captioner, findCaptioner, noCaptioner } from './captioner.js';
import type { CaptionRoom } from './room.js';

const DATA_TOPIC = 'captions';
const STREAM_TOPIC = 'lk.transcription';
const MOST_EARLY = 100;

/** What is known at one moment. Never changed: whatever changes is a new object. */
export interface CaptionsSnapshot {
  /** In the order in which they began. */
  readonly segments: readonly CaptionSegment[];
  readonly captioner: Captioner;
}

export interface RoomCaptionsOptions {
  /** How many segments are kept; the oldest give way. Default 1000. */
  readonly limit?: number;
  /**
   * Whether to take the room's handler of text streams on `lk.transcription`: LiveKit has one a topic. Default: if it
   * is free. With `false`, leave it to `useTranscriptions` or your own, which may hand each to `takeStream`.
   */
  readonly textStreams?: boolean;
}

/** The part of LiveKit's `TextStreamReader` that is read. */
export interface CaptionStream {
  readonly info: { readonly attributes?: Readonly<Record<string, string>> | undefined };
  readAll(): Promise<string>;
}

interface EarlyMessage {
  readonly payload: Uint8Array;
  readonly identity: string;
}

/**
 * The captions of one room, from whichever outputs of the captioner come. Make it before the room connects, so that
 * nothing is missed, and close it at the end. Stays through reconnections, and through a disconnection with what was
 * said until then.
 */
export class RoomCaptions {
  readonly #store: CaptionStore;
  readonly #listeners = new Set<() => void>();
  readonly #closers: (() => void)[] = [];
  #captioner: Captioner;
  #snapshot: CaptionsSnapshot | undefined;
  #early: EarlyMessage[] = [];
  #arrivals = 0;
  /** By text streams the captioner brings us up to date by itself. */
  #hasStreams = false;

  constructor(
    readonly room: CaptionRoom,
    { limit, textStreams = true }: RoomCaptionsOptions = {},
  ) {
    this.#store = new CaptionStore(
      limit,
      (room.state as string) === 'connected' ? Date.now() : Infinity,
    );
    this.#captioner = this.#findCaptioner();
    this.#listen();
    if (textStreams) this.#takeTextStreams();
  }

  /** The same object until something changes, as `useSyncExternalStore` wants it. Needs no `this`. */
  readonly getSnapshot = (): CaptionsSnapshot =>
    (this.#snapshot ??= { segments: this.#store.segments, captioner: this.#captioner });

  /**
   * Calls back after each change; read `getSnapshot()` then. Needs no `this`.
   * @returns ends it
   */
  readonly subscribe = (listener: () => void): (() => void) => {
    // A function of its own, so that one that subscribes twice is called twice, and ends each by itself.
    const call = (): void => listener();
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  };

  /** For apps with a text stream handler of their own on `lk.transcription`: hand it what that gets. Never rejects. */
  readonly takeStream = async (
    reader: CaptionStream,
    { identity }: { readonly identity: string },
  ): Promise<void> => {
    const order = this.#arrivals++;
    let text: string;
    try {
      text = await reader.readAll();
    } catch {
      // Its sender went away in the middle: what would have been said next did not arrive.
      return;
    }
    const name = this.room.getParticipantByIdentity(identity)?.name;
    const attributes = reader.info.attributes ?? {};
    this.#apply(parseTranscriptionStream({ attributes, identity, name, text, order }));
  };

  /**
   * Asks the captioner for what was said before we came. Only of use without text streams, by which it comes by
   * itself; then it is also done whenever a captioner is found. Needs `canPublishData`; rejects with LiveKit's `RpcError`.
   */
  async loadBacklog(): Promise<void> {
    const { identity } = this.#captioner;
    if (identity !== '') await loadBacklog(this.room, identity, (update) => this.#apply(update));
  }

  /** Forgets what was said. */
  clear(): void {
    this.#store.clear();
    this.#changed();
  }

  /** Lets go of the room. Idempotent. */
  close(): void {
    for (const close of this.#closers.splice(0)) close();
    this.#listeners.clear();
    this.#early = [];
  }

  #listen(): void {
    const look = (): void => this.#look();
    this.#on('connected', () => {
      this.#store.since = Date.now();
      this.#look();
    });
    this.#on('reconnected', look);
    this.#on('disconnected', look);
    this.#on('participantDisconnected', look);
    this.#on('participantAttributesChanged', look);
    this.#on('participantConnected', (sender) => {
      this.#look();
      this.#readEarlyMessages(sender);
    });
    this.#on('dataReceived', (payload, sender, _kind, topic, _encryption, identity) => {
      if (topic === DATA_TOPIC) this.#readMessage({ payload, identity: identity ?? '' }, sender);
    });
    this.#on('transcriptionReceived', (segments, speaker) => {
      for (const segment of segments) {
        this.#apply(parseTranscriptionEvent(segment, speaker, this.#arrivals++));
      }
    });
  }

  #on<E extends keyof RoomEventCallbacks>(event: E, listener: RoomEventCallbacks[E]): void {
    this.room.on(event, listener);
    this.#closers.push(() => this.room.off(event, listener));
  }

  #takeTextStreams(): void {
    try {
      this.room.registerTextStreamHandler(STREAM_TOPIC, (...stream) => {
        void this.takeStream(...stream);
      });
    } catch {
      // Somebody else has the topic. Data messages and events come all the same.
      return;
    }
    this.#hasStreams = true;
    this.#closers.push(() => this.room.unregisterTextStreamHandler(STREAM_TOPIC));
  }

  /** Captions come from agents, or from the app's server, which is nobody in the room and has no identity. */
  #readMessage(message: EarlyMessage, sender: RemoteParticipant | undefined): void {
    if (sender ? sender.isAgent : message.identity === '') {
      this.#apply(parseCaptionMessage(message.payload));
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

  #apply(update: CaptionUpdate | undefined): void {
    if (update && this.#store.apply(update, Date.now())) this.#changed();
  }

  #look(): void {
    const before = this.#captioner;
    const now = this.#findCaptioner();
    if (JSON.stringify(now) === JSON.stringify(before)) return;
    this.#captioner = now;
    if (now.identity !== '' && now.identity !== before.identity) this.#greet();
    this.#changed();
  }

  #greet(): void {
    this.#store.restartClock();
    // Not allowed to ask, or asked in vain: what comes from now on is there all the same.
    if (!this.#hasStreams) this.loadBacklog().catch(() => undefined);
  }

  #findCaptioner(): Captioner {
    switch (this.room.state as string) {
      case 'connected':
        return findCaptioner(agentsOf(this.room.remoteParticipants.values()));
      case 'disconnected':
      case 'connecting':
        return noCaptioner('disconnected');
      default:
        // While the connection is being found again nobody is listed, and nothing new is known.
        return this.#captioner;
    }
  }

  #changed(): void {
    this.#snapshot = undefined;
    for (const listener of this.#listeners) listener();
  }
}

function agentsOf(participants: Iterable<Participant>) {
  return [...participants]
    .filter(({ isAgent }) => isAgent)
    .map(({ identity, attributes, joinedAt }) => ({
      identity,
      attributes,
      joinedAt: joinedAt?.getTime() ?? 0,
    }));
}
