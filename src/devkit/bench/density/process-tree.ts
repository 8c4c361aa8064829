import { readdir, readFile } from 'node:fs/promises';

/** Of a process and everything that it started, which Linux alone tells. */
export interface Usage {
  readonly pids: readonly number[];
  readonly processes: number;
  /** Memory as the kernel shares it out: what several processes map is divided by all of them, ours too. */
  readonly pssMb: number;
  /** Memory that these processes would take if nobody else mapped the same files. */
  readonly aloneMb: number;
  /** Milliseconds of CPU so far, also of children that have ended. */
  readonly cpuMs: number;
}

/** Ticks of the clock in `/proc/<pid>/stat` a second: the same on every Linux that people run. */
const TICKS = 100;

export async function usageOf(root: number): Promise<Usage> {
  const { family, cpuMs } = await treeOf(root);
  let [pssKb, ownKb] = [0, 0];
  const filesKb = new Map<string, number>();
  for (const pid of family) {
    const rollup = await readProc(pid, 'smaps_rollup');
    pssKb += kb(rollup, 'Pss');
    ownKb += kb(rollup, 'Pss_Anon') + kb(rollup, 'Pss_Shmem');
    for (const [file, size] of fileMappings(await readProc(pid, 'smaps'))) {
      filesKb.set(file, Math.max(size, filesKb.get(file) ?? 0));
    }
  }
  const aloneKb = [...filesKb.values()].reduce((sum, size) => sum + size, ownKb);
  return {
    pids: family,
    processes: family.length,
    pssMb: pssKb / 1024,
    aloneMb: aloneKb / 1024,
    cpuMs,
  };
}

/** What of each part of a file is in memory, of `/proc/<pid>/smaps`. */
function fileMappings(smaps: string): Map<string, number> {
  const mappings = new Map<string, number>();
  for (const mapping of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, start, end, offset, device, inode] =
      /^([0-9a-f]+)-([0-9a-f]+) \S+ (\S+) (\S+) (\d+)/.exec(mapping) ?? [];
    if (start === undefined || end === undefined || inode === undefined || inode === '0') continue;
    const length = parseInt(end, 16) - parseInt(start, 16);
    const key = [device, inode, offset, length].join(' ');
    mappings.set(key, kb(mapping, 'Rss') - kb(mapping, 'Anonymous'));
  }
  return mappings;
}

function kb(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
}

/** Without its memory, the reading of which holds a process up. */
export async function cpuMsOf(root: number): Promise<number> {
  return (await treeOf(root)).cpuMs;
}

async function treeOf(root: number): Promise<{ family: number[]; cpuMs: number }> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = new Map<number, Stat>();
  for (const pid of pids) {
    const stat = parseStat(await readProc(pid, 'stat'));
    if (stat) stats.set(pid, stat);
  }
  const family = new Set([root]);
  // A child may have a lower number than its parent.
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const [pid, { parent }] of stats) if (family.has(parent)) family.add(pid);
  }
  const ticks = [...family].reduce((sum, pid) => sum + (stats.get(pid)?.ticks ?? 0), 0);
  return { family: [...family], cpuMs: (ticks * 1000) / TICKS };
}

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

/** `/proc/<pid>/stat`: numbers after the name, which may hold anything. */
export function parseStat(text: string): Stat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((place) =>
    Number(fields[place] ?? Number.NaN),
  );
  const ticks = (user ?? 0) + (system ?? 0) + (endedUser ?? 0) + (endedSystem ?? 0);
  return parent === undefined || Number.isNaN(ticks) ? undefined : { parent, ticks };
}

/** Empty when the process has ended meanwhile. */
async function readProc(pid: number, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
