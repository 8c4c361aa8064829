import { connectOptions } from '../../src/room/connect-options.js';
import { ParticipantKind, type RemoteParticipant, Room, RoomEvent } from '@livekit/rtc-node';

/** One state of one segment, as it came by one output. */
export interface Heard {
  readonly id: string;
  readonly identity: string;
  readonly track: string;
  readonly rev: number;
  readonly final: boolean;
  readonly text: string;
  readonly start: number;
  readonly language: string;
  readonly label: string;
}

/** What of a data message is compared. */
export interface DataMessage extends Omit<Heard, 'identity' | 'track' | 'label'> {
  readonly speaker: { readonly identity: string; readonly label: string };
  readonly track: { readonly sid: string };
}

/** Somebody in the room who only reads captions. */
export class Listener {
  /** In the order in which they were complete. */
  readonly streams: Heard[] = [];
  readonly data: Heard[] = [];
  readonly #room = new Room();

  /**
   * @param sharedKey of an end-to-end encrypted room
   * @param attributes to set at once
   */
  static async join(
    url: string,
    token: string,
    { sharedKey, attributes }: { sharedKey?: string; attributes?: Record<string, string> } = {},
  ): Promise<Listener> {
    const listener = new Listener();
    listener.#collect();
    await listener.#room.connect(url, token, connectOptions(sharedKey));
    // LiveKit tells others of who only listens up to three seconds late, but of a change at once.
    if (attributes) await listener.#room.localParticipant?.setAttributes(attributes);
    return listener;
  }

  /** Asks the captioner by RPC. */
  ask(method: string, payload: string): Promise<string> {
    const [captioner] = this.captioners;
    const self = this.#room.localParticipant;
    if (!captioner || !self) throw new Error('there is no captioner in the room');
    return self.performRpc({ destinationIdentity: captioner.identity, method, payload });
  }

  /** An attribute of the first captioner. */
  told(attribute: string): string | undefined {
    return this.captioners[0]?.attributes[`captions.${attribute}`];
  }

  /** Of whatever name. */
  get agents(): RemoteParticipant[] {
    return [...this.#room.remoteParticipants.values()].filter(
      ({ kind }) => kind === ParticipantKind.AGENT,
    );
  }

  /** The captioners in the room. */
  get captioners(): RemoteParticipant[] {
    return this.agents.filter(({ name }) => name === 'Captions');
  }

  /** Of the first captioner. */
  get state(): string | undefined {
    return this.captioners[0]?.attributes['captions.state'];
  }

  close(): Promise<void> {
    return this.#room.disconnect();
  }

  #collect(): void {
    // The SDK ends the reading of small streams in any order; they begin in the order in which they were sent.
    let earlier = Promise.resolve();
    this.#room.registerTextStreamHandler('lk.transcription', (reader, { identity }) => {
      const { attributes = {} } = reader.info;
      const take = (text: string) => {
        this.streams.push({
          id: attributes['lk.segment_id'] ?? '',
          identity,
          track: attributes['lk.transcribed_track_id'] ?? '',
          rev: Number(attributes['captions.rev']),
          final: attributes['lk.transcription_final'] === 'true',
          text,
          start: Number(attributes['captions.start']),
          language: attributes['captions.language'] ?? '',
          label: attributes['captions.speaker'] ?? '',
        });
      };
      // What is under way when its speaker leaves is dropped, and comes again.
      const text = reader.readAll().catch(() => undefined);
      earlier = earlier.then(async () => {
        const whole = await text;
        if (whole !== undefined) take(whole);
      });
    });
    this.#room.on(RoomEvent.DataReceived, (payload, _from, _kind, topic) => {
      if (topic !== 'captions') return;
      const message = JSON.parse(new TextDecoder().decode(payload)) as DataMessage;
      const { speaker, track } = message;
      const { identity, label } = speaker;
      this.data.push({ ...message, identity, label, track: track.sid });
    });
  }
}

/** The settled text of one person, in the order in which it was said; of each segment what came last, as clients do. */
export function finalText(heard: readonly Heard[], identity: string): string {
  const finals = heard.filter((state) => state.final && state.identity === identity);
  return [...new Map(finals.map((state) => [state.id, state])).values()]
    .sort((a, b) => a.start - b.start)
    .map(({ text }) => text)
    .join(' ');
}
