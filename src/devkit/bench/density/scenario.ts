import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Closers } from '../../demo/closers.js';
import { type Child, startChild } from '../child/start.js';
import { machineNow } from '../clock.js';
import type { LiveKitAccess } from '../livekit.js';
import { percentile } from '../percentile.js';
import type { SpeakerCalls } from '../speakers.js';
import type { Contender } from './contender.js';
import type { ListenerCalls, Shown } from './listeners.js';
import { follow, type Outcome } from './outcome.js';
import { cpuMsOf, type Usage, usageOf } from './process-tree.js';
import { phrasesIn, type Scene, type Script, scriptsFor } from './speech.js';
import type { StandInCalls } from './stand-in.js';

export interface Surroundings {
  readonly livekit: LiveKitAccess;
  readonly standIn: Child<StandInCalls>;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

type Memory = Omit<Usage, 'cpuMs' | 'pids'>;

export interface Figures extends Scene, Omit<Outcome, 'overhead'> {
  /** Tracks that the recogniser heard before anybody spoke. */
  readonly tracks: number;
  readonly idle: Memory;
  readonly busy: Memory;
  /** Seconds of CPU for each second of one track. */
  readonly cpuPerTrack: number;
  readonly overheadP50Ms: number;
  readonly overheadP99Ms: number;
  /** Of how many words. */
  readonly overheads: number;
}

const API_KEY = 'key-of-the-bench';
/** A process has room for so many speakers before it hears itself late. */
const PEOPLE_A_PROCESS = 10;
/** Phrases that are said before anything is measured. */
const WARM_UP_PHRASES = 2;
const WORDS_A_PHRASE = 10;
const HEARD_MS = 40_000;
const SETTLED_MS = 4000;
const MOST_SETTLING_MS = 30_000;

/** Of a scene in which a worker does not take every room, which a busy machine is reason enough for. */
const ATTEMPTS = 3;

/** One contender, started anew, in rooms where people speak; and away with all of it. */
export async function measureScene(
  scene: Scene,
  seconds: number,
  contender: Contender,
  surroundings: Surroundings,
): Promise<Figures> {
  const { log } = surroundings;
  for (let attempt = 1; ; attempt += 1) {
    const closers = new Closers();
    try {
      const figures = await run(scene, seconds, contender, surroundings, closers, attempt);
      if (figures) return figures;
    } finally {
      await closers.closeAll(log);
    }
  }
}

/** @returns undefined when it should be tried again */
async function run(
  scene: Scene,
  seconds: number,
  contender: Contender,
  surroundings: Surroundings,
  closers: Closers,
  attempt: number,
): Promise<Figures | undefined> {
  const { livekit, standIn, log, signal } = surroundings;
  await standIn.ask('take');
  const directory = await mkdtemp(join(tmpdir(), 'captions-density-'));
  closers.add('Transcripts', () => rm(directory, { recursive: true, force: true }));
  const env = environment(livekit, await standIn.ask('url'), directory);
  const worker = await contender.start(env, log, signal);
  closers.add(contender.name, () => worker.stop());
  const idle = await settledUsage(worker.pid, signal);

  const count = scene.rooms * scene.speakers;
  const warmUp = scriptsFor(scene, WARM_UP_PHRASES);
  const scripts = scriptsFor(scene, WARM_UP_PHRASES + phrasesIn(seconds));
  const listeners = startChild<ListenerCalls>(new URL('./listeners.js', import.meta.url), signal);
  closers.add('The listeners', () => listeners.close());
  const groups = await seat(scripts, livekit, closers, signal);
  const rooms = [...new Set(scripts.map(({ person }) => person.room))];
  await listeners.ask('join', livekit, rooms);
  const tracks = await untilHeard(count, standIn, signal);
  if (tracks < count) {
    log(`only ${tracks} of ${count} tracks reach the recogniser, at attempt ${attempt}`);
    if (attempt < ATTEMPTS) return undefined;
  }

  await speak(
    groups,
    warmUp.map(({ speech }) => speech),
  );
  signal.throwIfAborted();
  const [cpuBefore, began] = [await cpuMsOf(worker.pid), machineNow()];
  await speak(
    groups,
    scripts.map(({ speech }) => ({ ...speech, phrases: speech.phrases.slice(WARM_UP_PHRASES) })),
  );
  signal.throwIfAborted();
  const [cpuAfter, ended] = [await cpuMsOf(worker.pid), machineNow()];
  const busy = await usageOf(worker.pid);
  const shown = await settled(listeners, signal);
  const { overhead, ...words } = follow(
    scripts,
    await standIn.ask('take'),
    shown,
    WARM_UP_PHRASES * WORDS_A_PHRASE,
  );
  return {
    ...scene,
    tracks,
    idle: memoryOf(idle),
    busy: memoryOf(busy),
    cpuPerTrack: Number(((cpuAfter - cpuBefore) / (ended - began) / count).toFixed(4)),
    overheadP50Ms: Number(percentile(overhead, 0.5).toFixed(2)),
    overheadP99Ms: Number(percentile(overhead, 0.99).toFixed(2)),
    overheads: overhead.length,
    ...words,
  };
}

/** What any worker needs, and nothing of ours that is set for production. */
export function environment(
  livekit: LiveKitAccess,
  pulseUrl: string,
  directory: string,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    SMALLEST_API_KEY: API_KEY,
    SMALLEST_BASE_URL: pulseUrl,
    TRANSCRIPT_DIR: directory,
    HEALTH_PORT: '0',
    MAX_CPU_PERCENT: '100',
    AGENT_NAME: '',
    // The streams tell who is heard, also before anybody speaks.
    PULSE_GATE: 'off',
  };
}

/** The speakers in processes of their own, with who is in which. */
type Group = readonly [speakers: Child<SpeakerCalls>, identities: ReadonlySet<string>];

export async function seat(
  scripts: readonly Script[],
  livekit: LiveKitAccess,
  closers: Closers,
  signal: AbortSignal,
): Promise<Group[]> {
  const groups: Group[] = [];
  const people = scripts.map(({ person }) => person);
  for (let first = 0; first < people.length; first += PEOPLE_A_PROCESS) {
    const group = people.slice(first, first + PEOPLE_A_PROCESS);
    const speakers = startChild<SpeakerCalls>(new URL('../speakers.js', import.meta.url), signal);
    closers.add('The speakers', () => speakers.close());
    signal.throwIfAborted();
    await speakers.ask('join', livekit, group);
    groups.push([speakers, new Set(group.map(({ identity }) => identity))]);
  }
  return groups;
}

export async function speak(
  groups: readonly Group[],
  speeches: readonly Script['speech'][],
): Promise<void> {
  await Promise.all(
    groups.map(([speakers, identities]) =>
      speakers.ask(
        'speak',
        speeches.filter(({ identity }) => identities.has(identity)),
      ),
    ),
  );
}

/** @returns how many tracks are heard when all are, or when nothing more is to be expected */
async function untilHeard(
  count: number,
  standIn: Child<StandInCalls>,
  signal: AbortSignal,
): Promise<number> {
  const deadline = machineNow() + HEARD_MS;
  for (;;) {
    const heard = await standIn.ask('streams');
    if (heard >= count || machineNow() > deadline) return heard;
    await delay(200, undefined, { signal });
  }
}

/** When nothing new has been shown for a while. */
async function settled(
  listeners: Child<ListenerCalls>,
  signal: AbortSignal,
): Promise<readonly Shown[]> {
  const deadline = machineNow() + MOST_SETTLING_MS;
  for (let before = -1; ;) {
    const shown = await listeners.ask('shown');
    if (shown.length === before || machineNow() > deadline) return shown;
    before = shown.length;
    await delay(SETTLED_MS, undefined, { signal });
  }
}

/** Of a program that has started: when its memory stays as it is for 2 s. */
async function settledUsage(pid: number, signal: AbortSignal): Promise<Usage> {
  let before = await usageOf(pid);
  for (let looks = 0; looks < 10; looks += 1) {
    await delay(2000, undefined, { signal });
    const now = await usageOf(pid);
    const same = now.processes === before.processes;
    if (same && Math.abs(now.aloneMb - before.aloneMb) < 0.01 * now.aloneMb) return now;
    before = now;
  }
  return before;
}

function memoryOf({ pssMb, aloneMb, processes }: Usage): Memory {
  return { pssMb: Number(pssMb.toFixed(1)), aloneMb: Number(aloneMb.toFixed(1)), processes };
}
