import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import type { TestLiveKit } from './livekit.js';

interface JoinOptions {
  readonly room: string;
  readonly identity: string;
  readonly name?: string;
}

export interface SpokenCaption {
  readonly id: string;
  readonly rev: number;
  readonly text: string;
  readonly final?: boolean;
  readonly settled?: number;
  readonly language?: string;
  readonly speaker: { readonly identity: string; readonly name: string; readonly label?: string };
  /** Milliseconds since the room's clock began. Default: now, for a second. */
  readonly start?: number;
  readonly end?: number;
}

interface FakeCaptionerOptions {
  readonly room: string;
  readonly identity?: string;
  readonly kind?: 'agent' | 'standard';
}

/** Publishes captions as the real captioner does, but only those that a test gives it. */
export class FakeCaptioner {
  readonly #room = new Room();
  readonly #epoch = Date.now();

  static async join(
    livekit: TestLiveKit,
    { room, identity = 'captioner', kind = 'agent' }: FakeCaptionerOptions,
  ): Promise<FakeCaptioner> {
    const captioner = new FakeCaptioner();
    const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
      identity,
      name: 'Captions',
      attributes: { 'captions.v': '1', 'captions.state': 'starting' },
    });
    token.kind = kind;
    token.addGrant({ roomJoin: true, room, agent: kind === 'agent', canUpdateOwnMetadata: true });
    await captioner.#room.connect(livekit.url, await token.toJwt());
    return captioner;
  }

  async state(state: string, reason = ''): Promise<void> {
    await this.#participant.setAttributes({ 'captions.state': state, 'captions.reason': reason });
  }

  /** Milliseconds since its clock began. */
  get now(): number {
    return Date.now() - this.#epoch;
  }

  /** A data message of the topic `captions`. */
  async data(caption: SpokenCaption): Promise<void> {
    const { start = this.now, end = start + 1000, final = false, speaker } = caption;
    await this.raw({
      v: 1,
      type: 'caption',
      language: 'en',
      ...caption,
      final,
      speaker: { label: speaker.name, ...speaker },
      track: { sid: 'TR_test', source: 'microphone' },
      start,
      end,
      epoch: this.#epoch,
    });
  }

  async raw(message: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    await this.#participant.publishData(bytes, { reliable: true, topic: 'captions' });
  }

  /** A text stream of LiveKit's own topic, in the speaker's name; to everybody, or to those who came late. */
  async stream(caption: SpokenCaption, to?: readonly string[]): Promise<void> {
    const { start, end = (start ?? 0) + 1000 } = caption;
    const writer = await this.#participant.streamText({
      topic: 'lk.transcription',
      senderIdentity: caption.speaker.identity,
      ...(to && { destinationIdentities: [...to] }),
      attributes: {
        ...(start !== undefined && {
          'captions.start': String(start),
          'captions.end': String(end),
        }),
        'lk.segment_id': caption.id,
        'lk.transcription_final': String(caption.final ?? false),
        'captions.rev': String(caption.rev),
        'captions.speaker': caption.speaker.label ?? caption.speaker.name,
        'captions.language': caption.language ?? 'en',
      },
    });
    if (caption.text !== '') await writer.write(caption.text);
    await writer.close();
  }

  /** LiveKit's older transcription segments. */
  async event(caption: SpokenCaption): Promise<void> {
    const { id, text, final = false, language = 'en', speaker, start = this.now } = caption;
    const segment = {
      id,
      text,
      final,
      language,
      startTime: BigInt(Math.max(0, start)),
      endTime: BigInt(Math.max(0, caption.end ?? start + 1000)),
    };
    await this.#participant.publishTranscription({
      participantIdentity: speaker.identity,
      trackSid: 'TR_test',
      segments: [segment],
    });
  }

  /** By all three outputs, as the captioner sends by default. */
  async say(caption: SpokenCaption): Promise<void> {
    const timed = { start: this.now, ...caption };
    await Promise.all([this.stream(timed), this.event(timed), this.data(timed)]);
  }

  async leave(): Promise<void> {
    await this.#room.disconnect();
  }

  get #participant() {
    const participant = this.#room.localParticipant;
    if (!participant) throw new Error('The captioner is not in the room');
    return participant;
  }
}

const RATE = 48_000;
const FRAME = RATE / 50;

/** Somebody with a microphone, who hums while told to. */
export class FakePerson {
  readonly #room = new Room();
  readonly #source = new AudioSource(RATE, 1);
  #humming: Promise<void> | undefined;
  #quiet = true;
  #track: LocalAudioTrack | undefined;

  private constructor(
    private readonly livekit: TestLiveKit,
    private readonly options: JoinOptions,
  ) {}

  static async join(livekit: TestLiveKit, options: JoinOptions): Promise<FakePerson> {
    const person = new FakePerson(livekit, options);
    const { room, identity, name = identity } = options;
    await person.#room.connect(livekit.url, await livekit.token(room, identity, { name }));
    return person;
  }

  get who(): { readonly identity: string; readonly name: string } {
    const { identity, name = identity } = this.options;
    return { identity, name };
  }

  async publish(): Promise<void> {
    this.#track = LocalAudioTrack.createAudioTrack('microphone', this.#source);
    await this.#room.localParticipant?.publishTrack(
      this.#track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }),
    );
  }

  hum(): void {
    this.#quiet = false;
    this.#humming ??= this.#hum();
  }

  /** As a moderator does it: `rtc-node` has no call for it. */
  async mute(): Promise<void> {
    this.#quiet = true;
    const sid = this.#track?.sid;
    if (sid === undefined) throw new Error(`${this.options.identity} has no microphone`);
    const { room, identity } = this.options;
    await this.livekit.rooms.mutePublishedTrack(room, identity, sid, true);
  }

  async leave(): Promise<void> {
    this.#quiet = true;
    await this.#humming;
    await this.#room.disconnect();
    await this.#source.close();
  }

  /** `captureFrame` waits while enough is queued, which keeps the time. */
  async #hum(): Promise<void> {
    for (let frame = 0; !this.#quiet; frame += 1) {
      const samples = Int16Array.from({ length: FRAME }, (_, index) => {
        const second = (frame * FRAME + index) / RATE;
        return 9000 * Math.sin(2 * Math.PI * 220 * second) * (0.6 + 0.4 * Math.sin(25 * second));
      });
      await this.#source.captureFrame(new AudioFrame(samples, RATE, 1, FRAME));
    }
    this.#humming = undefined;
  }
}
