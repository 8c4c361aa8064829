import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** Shares, 0 to 1, of what the machine or the container has. */
export interface MachineUse {
  readonly cpu: number;
  readonly memory: number;
}

/** CPU seconds that were used and that there were, since any beginning. */
interface CpuTime {
  readonly used: number;
  readonly available: number;
}

const CGROUP = '/sys/fs/cgroup';
/** The newest measurement counts this much: load comes and goes by the second, rooms stay. */
const WEIGHT = 0.3;

/** What limits this worker: the container's CPU and memory where it has a limit, else the machine's. */
export class MachineLoad {
  #before: CpuTime;
  #cpu = 0;

  constructor() {
    this.#before = cpuTime();
  }

  /** The use since the last call, smoothed. */
  measure(): MachineUse {
    const now = cpuTime();
    const available = now.available - this.#before.available;
    if (available > 0) {
      const share = Math.min(1, (now.used - this.#before.used) / available);
      this.#cpu += WEIGHT * (share - this.#cpu);
      this.#before = now;
    }
    return { cpu: this.#cpu, memory: memoryUse() };
  }
}

export interface LoadLimits {
  /** Of CPU, 0 to 1; 1 is never full. */
  readonly maxCpu: number;
  /** Pulse streams of the account; undefined: not limited. */
  readonly maxStreams: number | undefined;
}

/** From this share of memory on a worker is full: what is there already still grows. */
const MAX_MEMORY = 0.85;
/** The server gives a worker nothing from a load of 0.7 on, so one that is not full stays below. */
const MOST_WHEN_FREE = 0.65;

/** @returns the load as LiveKit counts it, and whether the worker takes no more rooms. */
export function workerLoad(
  use: MachineUse,
  streams: number,
  { maxCpu, maxStreams }: LoadLimits,
): { readonly load: number; readonly full: boolean } {
  const shares = [
    use.cpu / maxCpu,
    use.memory / MAX_MEMORY,
    maxStreams === undefined ? 0 : streams / maxStreams,
  ];
  const [cpu = 0, ...others] = shares;
  const full = (maxCpu < 1 && cpu >= 1) || others.some((share) => share >= 1);
  return { load: full ? 1 : MOST_WHEN_FREE * Math.min(1, Math.max(...shares)), full };
}

function cpuTime(): CpuTime {
  return containerCpuTime() ?? machineCpuTime();
}

function machineCpuTime(): CpuTime {
  let used = 0;
  let available = 0;
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    used += busy / 1000;
    available += (busy + times.idle) / 1000;
  }
  return { used, available };
}

/** Only where the container's CPU is limited. */
function containerCpuTime(): CpuTime | undefined {
  try {
    const [quota = 'max', period = ''] = readFileSync(`${CGROUP}/cpu.max`, 'utf8')
      .trim()
      .split(' ');
    const cores = Number(quota) / Number(period);
    const usage = /^usage_usec (\d+)/m.exec(readFileSync(`${CGROUP}/cpu.stat`, 'utf8'));
    if (!Number.isFinite(cores) || !usage) return undefined;
    return { used: Number(usage[1]) / 1e6, available: (performance.now() / 1000) * cores };
  } catch {
    return undefined;
  }
}

/** Node knows the container's limit where there is one. */
function memoryUse(): number {
  const free = process.availableMemory();
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < Number.MAX_SAFE_INTEGER ? limit : totalmem();
  return Math.min(1, Math.max(0, 1 - free / total));
}
