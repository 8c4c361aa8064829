import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { journalsIn } from '../../../transcript/folder.js';
import { readTranscript } from '../../../transcript/read.js';
import type { Transcript } from '../../../transcript/transcript.js';
import { Closers } from '../../demo/closers.js';
import { freeTcpPort } from '../../livekit-server/ports.js';
import { startChild } from '../child/start.js';
import { ourWorker } from '../density/contender.js';
import { environment } from '../density/scenario.js';
import { barLine } from '../density/table.js';
import { accessOf, startBenchLiveKit } from '../livekit.js';
import { print } from '../options.js';
import { barsOf } from './bars.js';
import { judge } from './judge.js';
import { HELP, parseSoakOptions, type SoakOptions } from './options.js';
import type { PeopleCalls } from './people.js';
import { type Sample, sample } from './samples.js';
import type { SoakStandInCalls } from './stand-in.js';

const SAMPLE_MS = 15_000;
const CLOSED_MS = 60_000;
/** After the last room: for what is closed in order. */
const AFTER_MS = 8000;

/**
 * A worker as in production, a real LiveKit server and the stand-in for Pulse, for as long as asked: rooms open and
 * close, people come, talk, are muted, go and come back, and much goes wrong with Pulse. Needs Linux, as `density`.
 */
export async function benchSoak(
  args: readonly string[],
  signal: AbortSignal,
): Promise<object | undefined> {
  const options = parseSoakOptions(args);
  if (options === 'help') {
    print(HELP);
    return undefined;
  }
  if (process.platform !== 'linux') throw new Error('This benchmark needs Linux: it reads /proc.');
  const closers = new Closers();
  try {
    return await soak(options, closers, signal);
  } finally {
    await closers.closeAll(print);
  }
}

async function soak(options: SoakOptions, closers: Closers, signal: AbortSignal): Promise<object> {
  const { minutes, rooms, speakers, seed } = options;
  const livekit = await startBenchLiveKit(print, signal);
  closers.add('LiveKit', () => livekit.close());
  const standIn = startChild<SoakStandInCalls>(new URL('./stand-in.js', import.meta.url), signal);
  closers.add('The stand-in for Pulse', () => standIn.close());
  const directory = await mkdtemp(join(tmpdir(), 'captions-soak-'));
  closers.add('Transcripts', () => rm(directory, { recursive: true, force: true }));
  const port = await freeTcpPort();
  const env = {
    ...environment(accessOf(livekit), await standIn.ask('url'), directory),
    HEALTH_PORT: String(port),
    PULSE_IDLE_SECONDS: '2',
  };
  // What goes wrong is meant to: the worker's warnings about it say nothing new.
  const worker = await ourWorker(options.worker).start(env, () => undefined, signal);
  closers.add('The worker', () => worker.stop());
  const people = startChild<PeopleCalls>(new URL('./people.js', import.meta.url), signal);
  closers.add('The people', () => people.close());

  const look = (seconds: number) => sample(worker.pid, seconds, `http://127.0.0.1:${port}/metrics`);
  const before = await look(0);
  await people.ask('begin', accessOf(livekit), rooms, speakers, seed);
  if (options.faults) await standIn.ask('trouble', seed);
  const samples = await watch(minutes, look, signal);
  await standIn.ask('calm');
  await people.ask('stop');
  const transcripts = await finished(directory, signal);
  await delay(AFTER_MS, undefined, { signal });

  const after = await look(60 * minutes);
  const streams = await standIn.ask('figures');
  const verdict = judge(await people.ask('said'), await standIn.ask('answered'), transcripts);
  const aftermath = {
    socketsBefore: before.sockets,
    socketsAfter: after.sockets,
    streamsAfter: streams.current,
  };
  const bars = barsOf(verdict, samples, aftermath, options.unheard);
  print(`\n${bars.map(barLine).join('\n')}`);
  return {
    bench: 'soak',
    machine: { cores: cpus().length, cpu: cpus()[0]?.model, node: process.version },
    minutes,
    seed,
    ...verdict,
    ...(await people.ask('counts')),
    troubles: await standIn.ask('troubles'),
    streams,
    before,
    samples,
    after,
    bars,
    holds: bars.every(({ holds }) => holds !== false),
  };
}

async function watch(
  minutes: number,
  look: (seconds: number) => Promise<Sample>,
  signal: AbortSignal,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const began = performance.now();
  const end = began + minutes * 60_000;
  while (performance.now() < end) {
    await delay(Math.min(SAMPLE_MS, end - performance.now()), undefined, { signal });
    const now = await look((performance.now() - began) / 1000);
    samples.push(now);
    const late = now.delayMs === undefined ? '' : `, event loop late by ${now.delayMs} ms`;
    print(
      `${now.seconds} s: ${now.aloneMb} MB in ${now.processes} processes, ${now.handles} handles, ${now.sockets} sockets${late}`,
    );
  }
  return samples;
}

/** All transcripts, when every one of them is complete, or will not be any more. */
async function finished(directory: string, signal: AbortSignal): Promise<Transcript[]> {
  const deadline = performance.now() + CLOSED_MS;
  for (;;) {
    const journals = await journalsIn(directory);
    const all: Transcript[] = [];
    for (const { journal } of journals) all.push(await readTranscript([journal]));
    const complete = all.every(({ parts }) => parts.every((part) => part.complete));
    if (complete || performance.now() > deadline) return all;
    await delay(1000, undefined, { signal });
  }
}
