import { readdir, readlink } from 'node:fs/promises';
import { usageOf } from '../density/process-tree.js';
import { percentile } from '../percentile.js';

/** How the worker is at one time, all of its processes together. */
export interface Sample {
  /** Since the beginning. */
  readonly seconds: number;
  readonly pssMb: number;
  readonly aloneMb: number;
  readonly processes: number;
  /** Files, sockets, pipes and timers that the kernel knows of. */
  readonly handles: number;
  readonly sockets: number;
  /** The most that an event loop was late lately; undefined where the worker does not tell. */
  readonly delayMs: number | undefined;
}

/** @param metrics the address of the worker's metrics */
export async function sample(pid: number, seconds: number, metrics: string): Promise<Sample> {
  const { pids, pssMb, aloneMb, processes } = await usageOf(pid);
  const open = (await Promise.all(pids.map(handlesOf))).flat();
  return {
    seconds: Math.round(seconds),
    pssMb: Number(pssMb.toFixed(1)),
    aloneMb: Number(aloneMb.toFixed(1)),
    processes,
    handles: open.length,
    sockets: open.filter((target) => target.startsWith('socket:')).length,
    delayMs: await delayOf(metrics),
  };
}

/** Memory that it has settled at: around a time, so that one room more or less does not matter. */
export function memoryAround(samples: readonly Sample[], seconds: number): number | undefined {
  const near = samples.filter((one) => Math.abs(one.seconds - seconds) <= AROUND_SECONDS);
  return near.length === 0
    ? undefined
    : percentile(
        near.map(({ aloneMb }) => aloneMb),
        0.5,
      );
}

const AROUND_SECONDS = 60;

async function handlesOf(pid: number): Promise<string[]> {
  const directory = `/proc/${pid}/fd`;
  // A process or a file may be gone by the time it is looked at.
  const names = await readdir(directory).catch(() => []);
  return Promise.all(names.map((name) => readlink(`${directory}/${name}`).catch(() => '')));
}

async function delayOf(address: string): Promise<number | undefined> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(5000) });
    const text = response.ok ? await response.text() : '';
    const lines = text.matchAll(/^captions_event_loop_delay_seconds(?:\{[^}]*\})? (\S+)$/gm);
    const delays = Array.from(lines, ([, value]) => Number(value) * 1000);
    return delays.length === 0 ? undefined : Number(Math.max(...delays).toFixed(1));
  } catch {
    return undefined;
  }
}
