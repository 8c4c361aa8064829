import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type RemoteTrack,
  type Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { failed, ok, type Verdict, warning } from './finding.js';
import { type MediaPath, mediaPath } from './media-path.js';
import type { TestRoom } from './test-room.js';

const SAMPLE_RATE = 16_000;
const FRAME_SAMPLES = SAMPLE_RATE / 50;
/** Of a full-scale sine: what comes back is as loud, noise is not. */
const LOUD = 3000;
const CONNECT_MS = 12_000;
const HEAR_MS = 8000;

const PORTS =
  'open the UDP ports of the LiveKit server (rtc.udp_port, or rtc.port_range_start to _end) to this machine, and see that the address it offers (rtc.node_ip, rtc.use_external_ip) can be reached from here';

/** A captioner and a speaker join; a tone goes from one to the other, as speech does. */
export async function checkMedia(room: TestRoom, signal: AbortSignal): Promise<Verdict> {
  const joining = Promise.all([room.joinAsCaptioner(), room.joinAsSpeaker()]);
  const joined = await outcome(CONNECT_MS, joining);
  if (joined === 'late') {
    return failed(`no media connection comes about, neither by UDP nor by TCP: ${PORTS}`);
  }
  if (joined !== 'done') return failed(joinFault(joined));
  const heard = hearTone(room.captioner);
  const tone = new Tone();
  try {
    await tone.publish(room.speaker);
    if ((await outcome(HEAR_MS, heard)) !== 'done') {
      return failed(`the connection stands and no audio comes through it: ${PORTS}`);
    }
    if (signal.aborted) return failed(`audio comes too late: ${PORTS}`);
    return pathVerdict(mediaPath(await room.captioner.getRtcStats()));
  } finally {
    await tone.close();
  }
}

function pathVerdict(path: MediaPath | undefined): Verdict {
  if (!path) return ok('a tone from one participant was heard by another');
  const trip = path.roundTripMs === undefined ? '' : `, round trip ${path.roundTripMs} ms`;
  if (path.relayed) {
    return warning(
      `audio comes only through a TURN relay${trip}, which costs time and money: ${PORTS}`,
    );
  }
  if (path.protocol !== 'udp') {
    return warning(
      `audio comes only by TCP (${path.address}${trip}): captions stall when packets are lost; ${PORTS}`,
    );
  }
  return ok(`audio comes by UDP (${path.address}${trip})`);
}

/** What the native side says, without the token that may stand in an address. */
function joinFault({ message }: Error): string {
  const why = message.replace(/eyJ[\w.-]+/g, '…').slice(0, 200);
  return `the media library cannot join (${why}): it reads the system's certificates (ca-certificates, SSL_CERT_FILE), not those of Node, and needs WebSockets to /rtc`;
}

/** How a work went that is given so long; never rejects. */
async function outcome(limitMs: number, work: Promise<unknown>): Promise<'done' | 'late' | Error> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  const done = work.then(
    () => 'done' as const,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** Resolves when something loud comes from the first track that is published. */
function hearTone(captioner: Room): Promise<void> {
  return new Promise((resolve, reject) => {
    captioner.once(RoomEvent.TrackPublished, (publication) => publication.setSubscribed(true));
    captioner.once(RoomEvent.TrackSubscribed, (track: RemoteTrack) => {
      waitForSound(new AudioStream(track, SAMPLE_RATE, 1)).then(resolve, reject);
    });
    captioner.once(RoomEvent.Disconnected, () => reject(new Error('the room was left')));
  });
}

async function waitForSound(stream: AudioStream): Promise<void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error('the track ended');
      if (value.data.some((sample) => Math.abs(sample) > LOUD)) return;
    }
  } finally {
    await reader.cancel();
  }
}

/** 440 Hz for as long as it is open. */
class Tone {
  readonly #source = new AudioSource(SAMPLE_RATE, 1, 200);
  #closed = false;
  #playing: Promise<void> | undefined;

  async publish(speaker: Room): Promise<void> {
    const track = LocalAudioTrack.createAudioTrack('tone', this.#source);
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    await speaker.localParticipant?.publishTrack(track, options);
    this.#playing = this.#play();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#playing?.catch(() => undefined);
    await this.#source.close();
  }

  async #play(): Promise<void> {
    for (let at = 0; !this.#closed; at += FRAME_SAMPLES) {
      const samples = Int16Array.from({ length: FRAME_SAMPLES }, (_, index) =>
        Math.round(16_000 * Math.sin((2 * Math.PI * 440 * (at + index)) / SAMPLE_RATE)),
      );
      await this.#source.captureFrame(new AudioFrame(samples, SAMPLE_RATE, 1, FRAME_SAMPLES));
    }
  }
}
