import { cpus, totalmem } from 'node:os';
import { Closers } from '../../demo/closers.js';
import { startChild } from '../child/start.js';
import { accessOf, startBenchLiveKit } from '../livekit.js';
import { print } from '../options.js';
import { barsOf, lostOf } from './bars.js';
import { type Contender, ourWorker } from './contender.js';
import { type DensityOptions, HELP, parseDensityOptions } from './options.js';
import { pythonPeer } from './python-peer.js';
import { type Figures, measureScene, type Surroundings } from './scenario.js';
import { benchSilence } from './silence.js';
import type { StandInCalls } from './stand-in.js';
import { barLine, tableOf } from './table.js';

interface Runs {
  readonly name: string;
  readonly runs: Figures[];
}

/**
 * What rooms cost, and what becomes of the words said in them: a real LiveKit server, the stand-in for Pulse with its
 * exact recogniser, people who speak and people who read, each in processes of their own, and a worker as in
 * production. Needs Linux: nothing else tells what a process's memory really is.
 */
export async function benchDensity(
  args: readonly string[],
  signal: AbortSignal,
): Promise<object | undefined> {
  const options = parseDensityOptions(args);
  if (options === 'help') {
    print(HELP);
    return undefined;
  }
  if (process.platform !== 'linux') throw new Error('This benchmark needs Linux: it reads /proc.');
  const closers = new Closers();
  const contenders: Runs[] = [];
  try {
    const everybody = await contendersOf(options, signal);
    const livekit = await startBenchLiveKit(print, signal);
    closers.add('LiveKit', () => livekit.close());
    const standIn = startChild<StandInCalls>(new URL('./stand-in.js', import.meta.url), signal);
    closers.add('The stand-in for Pulse', () => standIn.close());
    const surroundings = { livekit: accessOf(livekit), standIn, log: print, signal };
    if (options.silent !== undefined) {
      const [contender = ourWorker(options.worker)] = everybody;
      return await benchSilence(options.silent, options.seconds, contender, surroundings);
    }
    for (const contender of everybody) {
      contenders.push({
        name: contender.name,
        runs: await measureContender(contender, options, surroundings),
      });
    }
  } finally {
    await closers.closeAll(print);
  }
  const bars = barsOf(
    contenders.find(({ name }) => name === ourWorker(undefined).name)?.runs ?? [],
  );
  print(`\n${tableOf(contenders)}\n\n${options.own ? bars.map(barLine).join('\n') : ''}`);
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  return { bench: 'density', machine, contenders, ...(options.own && { bars }) };
}

async function contendersOf(options: DensityOptions, signal: AbortSignal): Promise<Contender[]> {
  return [
    ...(options.own ? [ourWorker(options.worker)] : []),
    ...(options.python ? [await pythonPeer(print, signal)] : []),
  ];
}

async function measureContender(
  contender: Contender,
  { scenes, seconds }: DensityOptions,
  surroundings: Surroundings,
): Promise<Figures[]> {
  const runs: Figures[] = [];
  for (const scene of scenes) {
    const figures = await measureScene(scene, seconds, contender, surroundings);
    runs.push(figures);
    print(
      `${contender.name}, ${scene.rooms} rooms of ${scene.speakers}: idle ${figures.idle.aloneMb} MB, busy ${figures.busy.aloneMb} MB, ${figures.cpuPerTrack} cores a track, overhead ${figures.overheadP50Ms} / ${figures.overheadP99Ms} ms, ${lostOf(figures)} of ${figures.words} words lost, ${figures.doubled} doubled`,
    );
  }
  return runs;
}
