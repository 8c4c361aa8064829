import {
  AudioFrame,
  AudioResampler,
  AudioSource,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { connectOptions } from '../room/connect-options.js';

export type SpeakerSource = 'microphone' | 'screen_share_audio';

export interface SpeakerOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly room: string;
  readonly identity: string;
  /** Default: the identity. */
  readonly name?: string;
  readonly source?: SpeakerSource;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Of an end-to-end encrypted room. */
  readonly sharedKey?: string;
}

/** A participant with a live microphone: silence goes out whenever nothing is said. */
export interface Speaker {
  readonly identity: string;
  /** For what else a participant does: listen, receive data, read the others' attributes. */
  readonly room: Room;
  /** Of what is published now. */
  readonly trackSid: string | undefined;
  /**
   * Says something after what is being said, in real time. Resolves when its last sample has gone out, or when
   * the speaker is gone.
   */
  speak(samples: Int16Array, sampleRate: number): Promise<void>;
  /** Speech that is played meanwhile is lost, as with a real microphone. */
  mute(): Promise<void>;
  unmute(): Promise<void>;
  unpublish(): Promise<void>;
  /** Publishes again after `unpublish`. */
  publish(): Promise<void>;
  /** Finishes what is being said, then leaves. Idempotent. */
  leave(): Promise<void>;
  /** Leaves at once, in the middle of a word. Idempotent. */
  hangUp(): Promise<void>;
}

const SAMPLE_RATE = 16_000;
const FRAME_MS = 20;
/** Bits a second: at the usual 24,000 the sound alphabet of the tests loses a word now and then. */
const BIT_RATE = 64_000n;
const FRAME_SAMPLES = (SAMPLE_RATE * FRAME_MS) / 1000;
/** How far ahead of the network the audio is handed over: what a busy event loop may be late by. */
const QUEUE_MS = 200;

const SOURCES: Record<SpeakerSource, TrackSource> = {
  microphone: TrackSource.SOURCE_MICROPHONE,
  screen_share_audio: TrackSource.SOURCE_SCREENSHARE_AUDIO,
};

export async function joinSpeaker(options: SpeakerOptions): Promise<Speaker> {
  const { identity, room: roomName, url, apiKey, apiSecret } = options;
  const room = new Room();
  await room.connect(url, await joinToken(options), connectOptions(options.sharedKey));
  const service = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret);
  const voice = new Voice();
  let published: { readonly track: LocalAudioTrack; readonly sid: string } | undefined;
  let leaving: Promise<void> | undefined;

  const participant = () => {
    if (!room.localParticipant) throw new Error(`${identity} has left the room`);
    return room.localParticipant;
  };
  const setMuted = async (muted: boolean) => {
    if (!published) throw new Error(`${identity} has published nothing that could be muted`);
    await service.mutePublishedTrack(roomName, identity, published.sid, muted);
  };
  const publish = async () => {
    if (published) return;
    const track = LocalAudioTrack.createAudioTrack(options.source ?? 'microphone', voice.source);
    const { sid } = await participant().publishTrack(
      track,
      new TrackPublishOptions({
        source: SOURCES[options.source ?? 'microphone'],
        audioEncoding: { maxBitrate: BIT_RATE },
      }),
    );
    if (sid === undefined) throw new Error(`LiveKit gave the track of ${identity} no sid`);
    published = { track, sid };
  };
  const disconnect = async () => {
    await voice.close();
    await room.disconnect();
  };

  const speaker: Speaker = {
    identity,
    room,
    get trackSid() {
      return published?.sid;
    },
    speak: (samples, sampleRate) => voice.say(resample(samples, sampleRate)),
    mute: () => setMuted(true),
    unmute: () => setMuted(false),
    async unpublish() {
      if (!published) return;
      const { track, sid } = published;
      published = undefined;
      await participant().unpublishTrack(sid, false);
      await track.close(false);
    },
    publish,
    leave: () => (leaving ??= voice.finished().then(disconnect)),
    async hangUp() {
      leaving ??= disconnect();
      // A leave that still waits for the end of a sentence is cut short.
      await voice.close();
      await leaving;
    },
  };
  try {
    await publish();
    return speaker;
  } catch (error) {
    await speaker.hangUp();
    throw error;
  }
}

async function joinToken(options: SpeakerOptions): Promise<string> {
  const token = new AccessToken(options.apiKey, options.apiSecret, {
    identity: options.identity,
    name: options.name ?? options.identity,
    ...(options.attributes && { attributes: { ...options.attributes } }),
    ttl: '6h',
  });
  token.addGrant({ roomJoin: true, room: options.room, canUpdateOwnMetadata: true });
  return token.toJwt();
}

interface Utterance {
  readonly samples: Int16Array;
  at: number;
  readonly done: () => void;
}

/** An audio source that never stops: speech when there is some, else silence. */
class Voice {
  readonly source = new AudioSource(SAMPLE_RATE, 1, QUEUE_MS);
  readonly #queue: Utterance[] = [];
  readonly #pump: Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor() {
    this.#pump = this.#run();
    // Told to whoever closes it; until then nobody waits for it.
    this.#pump.catch(() => undefined);
  }

  say(samples: Int16Array): Promise<void> {
    if (this.#closed) return Promise.resolve();
    // What is handed over is played `QUEUE_MS` later: with silence of that length at its end, an utterance
    // that is handed over is one that was heard.
    const padded = new Int16Array(samples.length + (QUEUE_MS * SAMPLE_RATE) / 1000);
    padded.set(samples);
    this.#last = new Promise((done) => {
      this.#queue.push({ samples: padded, at: 0, done });
    });
    return this.#last;
  }

  /** Resolves when there is nothing more to say. */
  finished(): Promise<void> {
    return this.#last;
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#pump;
    this.#closed = true;
    await this.#pump.finally(() => this.source.close());
  }

  async #run(): Promise<void> {
    try {
      while (!this.#closed) await this.#sendFrame();
    } finally {
      this.#closed = true;
      for (const utterance of this.#queue.splice(0)) utterance.done();
    }
  }

  async #sendFrame(): Promise<void> {
    // A frame of its own each time: a view into a longer array would be sent from that array's beginning.
    const frame = new Int16Array(FRAME_SAMPLES);
    const utterance = this.#queue[0];
    if (utterance) {
      frame.set(utterance.samples.subarray(utterance.at, utterance.at + FRAME_SAMPLES));
      utterance.at += FRAME_SAMPLES;
    }
    await this.source.captureFrame(new AudioFrame(frame, SAMPLE_RATE, 1, FRAME_SAMPLES));
    if (utterance && utterance.at >= utterance.samples.length) {
      this.#queue.shift();
      utterance.done();
    }
  }
}

function resample(samples: Int16Array, sampleRate: number): Int16Array {
  if (sampleRate === SAMPLE_RATE) return samples;
  const resampler = new AudioResampler(sampleRate, SAMPLE_RATE, 1);
  try {
    const input = new AudioFrame(samples.slice(), sampleRate, 1, samples.length);
    const parts = [...resampler.push(input), ...resampler.flush()].map((frame) => frame.data);
    const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  } finally {
    resampler.close();
  }
}
