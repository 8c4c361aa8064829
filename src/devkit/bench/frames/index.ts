import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { Closers } from '../../demo/closers.js';
import { startChild } from '../child/start.js';
import { accessOf, type LiveKitAccess, startBenchLiveKit } from '../livekit.js';
import { numbers, print } from '../options.js';
import type { Person, SpeakerCalls } from '../speakers.js';
import type { HearerCalls, Way } from './hearers.js';

interface Scene {
  readonly layout: 'rooms' | 'room';
  readonly tracks: number;
  readonly way: Way;
}

interface Figures extends Scene {
  /** Seconds of CPU for each second of one track, to hear it. */
  readonly cpuPerTrack: number;
  /** Of all that should have come. */
  readonly heard: number;
}

const SETTLE_MS = 4000;
const PEOPLE_A_PROCESS = 10;
const PATIENCE_MS = 60_000;

/**
 * What a track costs up to its frames, with more and more tracks in a process: each in a room of its own, and all in
 * one room. `--frame-ms 50,100` compares with `rtc-node` alone.
 */
export async function benchFrames(args: readonly string[], signal: AbortSignal): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tracks: { type: 'string', default: '1,10,20,50' },
      layouts: { type: 'string', default: 'rooms,room' },
      'frame-ms': { type: 'string', default: '' },
      seconds: { type: 'string', default: '10' },
    },
  });
  const layouts = (['rooms', 'room'] as const).filter((name) =>
    values.layouts.split(',').includes(name),
  );
  const ways: Way[] = ['worker', ...numbers(values['frame-ms'])];
  const livekit = await startBenchLiveKit(print, signal);
  const runs: Figures[] = [];
  try {
    for (const layout of layouts) {
      for (const tracks of numbers(values.tracks)) {
        runs.push(
          ...(await measureAll(livekit, { layout, tracks }, ways, Number(values.seconds), signal)),
        );
      }
    }
  } finally {
    await livekit.close();
  }
  return { bench: 'frames', node: process.version, runs };
}

/** One set of speakers, heard in each way. */
async function measureAll(
  livekit: LiveKitAccess,
  { layout, tracks }: Omit<Scene, 'way'>,
  ways: readonly Way[],
  seconds: number,
  signal: AbortSignal,
): Promise<Figures[]> {
  const closers = new Closers();
  try {
    const people = Array.from({ length: tracks }, (_, index): Person => ({
      room: layout === 'rooms' ? `frames-${index}` : 'frames',
      identity: `speaker-${index}`,
    }));
    for (let first = 0; first < tracks; first += PEOPLE_A_PROCESS) {
      const speakers = startChild<SpeakerCalls>(new URL('../speakers.js', import.meta.url));
      closers.add('The speakers', () => speakers.close());
      await speakers.ask('join', accessOf(livekit), people.slice(first, first + PEOPLE_A_PROCESS));
      signal.throwIfAborted();
    }
    const names = [...new Set(people.map(({ room }) => room))];
    const runs: Figures[] = [];
    for (const way of ways) {
      const figures = await measure(livekit, names, { layout, tracks, way }, seconds, signal);
      print(
        `${tracks} tracks, ${layout === 'rooms' ? 'a room each' : 'one room'}, ${way === 'worker' ? 'as the worker' : `frames of ${way} ms`}: ${figures.cpuPerTrack.toFixed(4)} cores a track`,
      );
      runs.push(figures);
    }
    return runs;
  } finally {
    await closers.closeAll(print);
  }
}

async function measure(
  livekit: LiveKitAccess,
  names: readonly string[],
  scene: Scene,
  seconds: number,
  signal: AbortSignal,
): Promise<Figures> {
  const hearers = startChild<HearerCalls>(new URL('./hearers.js', import.meta.url));
  try {
    await hearers.ask('join', accessOf(livekit), names, scene.way);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    while ((await hearers.ask('heard')).tracks < scene.tracks) {
      await delay(100, undefined, { signal: limit });
    }
    await delay(SETTLE_MS, undefined, { signal });
    const before = await hearers.ask('heard');
    await delay(seconds * 1000, undefined, { signal });
    const after = await hearers.ask('heard');
    const trackMs = (after.at - before.at) * scene.tracks;
    return {
      ...scene,
      cpuPerTrack: Number(((after.cpuMs - before.cpuMs) / trackMs).toFixed(5)),
      heard: Number(((after.audioMs - before.audioMs) / trackMs).toFixed(3)),
    };
  } finally {
    await hearers.close();
  }
}
