import { setTimeout as delay } from 'node:timers/promises';
import { Closers } from '../../demo/closers.js';
import { type Child, startChild } from '../child/start.js';
import { accessOf, type LiveKitAccess, startBenchLiveKit } from '../livekit.js';
import { print } from '../options.js';
import type { Person, SpeakerCalls } from '../speakers.js';
import type { HearerCalls, Way } from './hearers.js';
import { type FramesOptions, HELP, type Layout, parseFramesOptions } from './options.js';

interface Figures {
  readonly layout: Layout;
  readonly tracks: number;
  readonly way: Way;
  /** Seconds of CPU for each second of one track, to hear it. */
  readonly cpuPerTrack: number;
  /** Of all audio that should have come. */
  readonly heard: number;
}

const SETTLE_MS = 4000;
const PEOPLE_A_PROCESS = 10;
const PATIENCE_MS = 60_000;
/** Some words, and how long it takes to say them. */
const PHRASE = [3, 5, 8, 13, 21, 34, 55, 89, 144, 233];
const PHRASE_MS = 4000;

/** What a track costs up to its frames, with more and more tracks in a process. */
export async function benchFrames(
  args: readonly string[],
  signal: AbortSignal,
): Promise<object | undefined> {
  const options = parseFramesOptions(args);
  if (options === 'help') {
    print(HELP);
    return undefined;
  }
  const livekit = await startBenchLiveKit(print, signal);
  const runs: Figures[] = [];
  try {
    for (const layout of options.layouts) {
      for (const tracks of options.tracks) {
        runs.push(...(await measureWays(accessOf(livekit), layout, tracks, options, signal)));
      }
    }
  } finally {
    await livekit.close();
  }
  return { bench: 'frames', node: process.version, silent: options.silent, runs };
}

/** Each way to have frames, with as many speakers. */
async function measureWays(
  livekit: LiveKitAccess,
  layout: Layout,
  tracks: number,
  options: FramesOptions,
  signal: AbortSignal,
): Promise<Figures[]> {
  const runs: Figures[] = [];
  for (const way of options.ways) {
    const closers = new Closers();
    try {
      const people = peopleIn(layout, tracks);
      const speakers = await seat(people, livekit, closers, signal);
      const hearers = startChild<HearerCalls>(new URL('./hearers.js', import.meta.url), signal);
      closers.add('The hearers', () => hearers.close());
      await hearers.ask('join', livekit, [...new Set(people.map(({ room }) => room))], way);
      await untilHeard(hearers, tracks, signal);
      if (!options.silent) keepSpeaking(people, speakers, options.seconds * 1000 + 2 * SETTLE_MS);
      const measured = await measure(hearers, tracks, options.seconds, signal);
      const { cpuPerTrack } = measured;
      print(
        `${tracks} tracks, ${layout === 'rooms' ? 'a room each' : 'one room'}, ${way === 'worker' ? 'as the worker' : `frames of ${way} ms`}: ${cpuPerTrack.toFixed(4)} cores a track`,
      );
      runs.push({ layout, tracks, way, ...measured });
    } finally {
      await closers.closeAll(print);
    }
  }
  return runs;
}

function peopleIn(layout: Layout, tracks: number): Person[] {
  return Array.from({ length: tracks }, (_, index) => ({
    room: layout === 'rooms' ? `frames-${index}` : 'frames',
    identity: `speaker-${index}`,
  }));
}

async function seat(
  people: readonly Person[],
  livekit: LiveKitAccess,
  closers: Closers,
  signal: AbortSignal,
): Promise<Child<SpeakerCalls>[]> {
  const children: Child<SpeakerCalls>[] = [];
  for (let first = 0; first < people.length; first += PEOPLE_A_PROCESS) {
    const speakers = startChild<SpeakerCalls>(new URL('../speakers.js', import.meta.url), signal);
    closers.add('The speakers', () => speakers.close());
    children.push(speakers);
    await speakers.ask('join', livekit, people.slice(first, first + PEOPLE_A_PROCESS));
    signal.throwIfAborted();
  }
  return children;
}

async function untilHeard(
  hearers: Child<HearerCalls>,
  tracks: number,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  while ((await hearers.ask('heard')).tracks < tracks) {
    await delay(100, undefined, { signal: limit });
  }
}

/** For at least as long; whoever closes the speakers ends it. */
function keepSpeaking(
  people: readonly Person[],
  children: readonly Child<SpeakerCalls>[],
  ms: number,
): void {
  const phrases = Array<number[]>(Math.ceil(ms / PHRASE_MS)).fill(PHRASE);
  for (const [index, speakers] of children.entries()) {
    const group = people.slice(index * PEOPLE_A_PROCESS, (index + 1) * PEOPLE_A_PROCESS);
    const speeches = group.map(({ identity }, place) => ({
      identity,
      after: place * 100,
      phrases,
    }));
    speakers.ask('speak', speeches).catch(() => undefined);
  }
}

async function measure(
  hearers: Child<HearerCalls>,
  tracks: number,
  seconds: number,
  signal: AbortSignal,
): Promise<Pick<Figures, 'cpuPerTrack' | 'heard'>> {
  await delay(SETTLE_MS, undefined, { signal });
  const before = await hearers.ask('heard');
  await delay(seconds * 1000, undefined, { signal });
  const after = await hearers.ask('heard');
  const trackMs = (after.at - before.at) * tracks;
  return {
    cpuPerTrack: Number(((after.cpuMs - before.cpuMs) / trackMs).toFixed(5)),
    heard: Number(((after.audioMs - before.audioMs) / trackMs).toFixed(3)),
  };
}
