import { AudioStream, RemoteAudioTrack, Room, RoomEvent } from '@livekit/rtc-node';
import { FrameReader, openAudio } from '../../../audio/frames.js';
import { RoomClock } from '../../../audio/room-clock.js';
import { answerCalls } from '../child/answer-calls.js';
import { listenerToken, type LiveKitAccess } from '../livekit.js';
import { machineNow } from '../clock.js';

/** How frames are had: as the worker does, or from `rtc-node` alone in frames of so many milliseconds. */
export type Way = 'worker' | number;

export interface Heard {
  /** Of all tracks together. */
  readonly audioMs: number;
  readonly cpuMs: number;
  readonly at: number;
  readonly tracks: number;
}

const RATE = 16_000;

/** What the worker does with audio up to the frame, in every room, in this one process. */
const calls = {
  async join(access: LiveKitAccess, names: readonly string[], way: Way): Promise<void> {
    for (const name of names) await hear(access, name, way);
  },
  heard(): Promise<Heard> {
    const { user, system } = process.cpuUsage();
    const audioMs = (samples * 1000) / RATE;
    const cpuMs = (user + system) / 1000;
    return Promise.resolve({ audioMs, cpuMs, at: machineNow(), tracks: readers.length });
  },
};
export type HearerCalls = typeof calls;

const rooms: Room[] = [];
const readers: FrameReader[] = [];
let samples = 0;

async function hear(access: LiveKitAccess, name: string, way: Way): Promise<void> {
  const room = new Room();
  // Each track listens to its room.
  room.setMaxListeners(0);
  const clock = new RoomClock();
  rooms.push(room);
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (!(track instanceof RemoteAudioTrack)) return;
    const audio =
      way === 'worker'
        ? openAudio(track, RATE)
        : new AudioStream(track, { sampleRate: RATE, numChannels: 1, frameSizeMs: way });
    readers.push(
      new FrameReader({
        audio,
        sampleRate: RATE,
        clock,
        onFrame: (frame) => {
          samples += frame.length;
        },
      }),
    );
  });
  await room.connect(access.url, await listenerToken(access, name, 'hearer'), {
    autoSubscribe: true,
    dynacast: false,
  });
}

answerCalls(calls, async () => {
  await Promise.all(readers.map((reader) => reader.close()));
  await Promise.all(rooms.map((room) => room.disconnect()));
});
