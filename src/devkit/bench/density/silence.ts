import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Closers } from '../../demo/closers.js';
import { machineNow } from '../clock.js';
import { bar } from './bars.js';
import type { Contender } from './contender.js';
import { cpuMsOf } from './process-tree.js';
import { environment, seat, speak, type Surroundings } from './scenario.js';
import { scriptsFor } from './speech.js';
import { barLine } from './table.js';

const CORES_A_SILENT_TRACK = 0.012;
const JOINED_MS = 8000;
/** After the last word. */
const SETTLED_MS = 4000;

/** What it costs to hear people who have said something, and say nothing more, with the gate on. */
export async function benchSilence(
  people: number,
  seconds: number,
  contender: Contender,
  surroundings: Surroundings,
): Promise<object> {
  const { livekit, standIn, log, signal } = surroundings;
  const closers = new Closers();
  try {
    const directory = await mkdtemp(join(tmpdir(), 'captions-silence-'));
    closers.add('Transcripts', () => rm(directory, { recursive: true, force: true }));
    const url = await surroundings.standIn.ask('url');
    const env = { ...environment(surroundings.livekit, url, directory), PULSE_GATE: 'on' };
    const worker = await contender.start(env, log, signal);
    closers.add(contender.name, () => worker.stop());
    const scripts = scriptsFor({ rooms: 1, speakers: people }, 1);
    const groups = await seat(scripts, livekit, closers, signal);
    await delay(JOINED_MS, undefined, { signal });
    await speak(
      groups,
      scripts.map(({ speech }) => speech),
    );
    await delay(SETTLED_MS, undefined, { signal });
    const heard = await standIn.ask('streams');

    const listening = groups.map(([speakers]) =>
      speakers.ask('listen', seconds + SETTLED_MS / 1000),
    );
    await delay(SETTLED_MS / 2, undefined, { signal });
    const before = await standIn.ask('audioMs');
    const [cpuBefore, began] = [await cpuMsOf(worker.pid), machineNow()];
    await delay(seconds * 1000, undefined, { signal });
    const [cpuAfter, ended] = [await cpuMsOf(worker.pid), machineNow()];
    const sentMs = (await standIn.ask('audioMs')) - before;
    await Promise.all(listening);
    const cpuPerTrack = Number(((cpuAfter - cpuBefore) / (ended - began) / people).toFixed(4));
    const bars = [
      bar('CPU a track of people who are silent, cores', CORES_A_SILENT_TRACK, cpuPerTrack),
    ];
    log(
      `${heard} of ${people} people were heard; while they said nothing, ${sentMs} ms of their audio were sent`,
    );
    log(bars.map(barLine).join('\n'));
    return { bench: 'density', people, heard, cpuPerTrack, sentMs, bars };
  } finally {
    await closers.closeAll(log);
  }
}
