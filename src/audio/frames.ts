import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AudioFrame, AudioStream, type RemoteTrack } from '@livekit/rtc-node';
import { routeNativeEvents } from './native-events.js';
import type { RoomClock } from './room-clock.js';
import { TrackClock } from './track-clock.js';

/** Long enough to cost little (frames twice as long cost no less), short enough for a first word to show at once. */
const FRAME_MS = 50;

export type OpenAudio = (track: RemoteTrack, sampleRate: number) => ReadableStream<AudioFrame>;

/** The audio of a subscribed track, mono, resampled natively. While the track is muted it is silence. */
export const openAudio: OpenAudio = (track, sampleRate) => {
  const audio = new AudioStream(track, { sampleRate, numChannels: 1, frameSizeMs: FRAME_MS });
  routeNativeEvents();
  return audio;
};

export interface FrameReaderOptions {
  readonly audio: ReadableStream<AudioFrame>;
  readonly sampleRate: number;
  readonly clock: RoomClock;
  /** @param at room milliseconds of the first sample. The samples are the callee's to keep. */
  readonly onFrame: (samples: Int16Array, at: number) => void;
}

/** Reads the audio of one track to its end, and says when each frame was heard. */
export class FrameReader {
  /** Resolves after the last frame, whether the track ended or the reader was closed. Rejects when `onFrame` throws. */
  readonly done: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<AudioFrame>;

  constructor({ audio, sampleRate, clock, onFrame }: FrameReaderOptions) {
    this.#reader = audio.getReader();
    this.done = this.#read(new TrackClock({ sampleRate }), clock, onFrame);
  }

  /** Takes what has come already, then lets go of the track. May be called more than once. */
  async close(): Promise<void> {
    // A frame that has come is read within this turn of the event loop; `cancel` would drop it.
    await nextTurn();
    await this.#reader.cancel();
    await this.done;
  }

  async #read(
    trackClock: TrackClock,
    roomClock: RoomClock,
    onFrame: FrameReaderOptions['onFrame'],
  ): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) return;
        onFrame(value.data, trackClock.stamp(value.samplesPerChannel, roomClock.now()));
      }
    } finally {
      // Ends the native stream too when a frame could not be taken; otherwise it has ended already.
      await this.#reader.cancel();
    }
  }
}
