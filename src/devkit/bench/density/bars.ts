import type { Figures } from './scenario.js';

/** What must hold, and whether it does; undefined where it was not measured. */
export interface Bar {
  readonly bar: string;
  readonly limit: number;
  readonly measured: number | undefined;
  readonly holds: boolean | undefined;
}

const IDLE_MB = 200;
const ROOM_MB = 10;
const CORES_A_TRACK = 0.03;
const P50_MS = 4;
const P99_MS = 12;
/** A process has fixed costs that few tracks do not spread. */
const FEWEST_TRACKS = 8;

export function barsOf(runs: readonly Figures[]): Bar[] {
  const alone = runs.find(({ rooms, speakers }) => rooms === 1 && speakers === 1);
  const crowd = runs.filter(({ rooms, speakers }) => rooms * speakers >= FEWEST_TRACKS);
  const most = (values: readonly number[]) =>
    values.length === 0 ? undefined : Math.max(...values);
  return [
    bar('idle worker, MB', IDLE_MB, most(runs.map(({ idle }) => idle.aloneMb))),
    bar('a room more, MB', ROOM_MB, memoryARoom(runs)),
    bar(
      `CPU a track from ${FEWEST_TRACKS} tracks, cores`,
      CORES_A_TRACK,
      most(crowd.map(({ cpuPerTrack }) => cpuPerTrack)),
    ),
    bar('overhead with one speaker, p50, ms', P50_MS, alone?.overheadP50Ms),
    bar('overhead with one speaker, p99, ms', P99_MS, alone?.overheadP99Ms),
    bar('words lost', 0, runs.length === 0 ? undefined : sum(runs.map(lostOf))),
    bar(
      'words doubled',
      0,
      runs.length === 0 ? undefined : sum(runs.map(({ doubled }) => doubled)),
    ),
  ];
}

/** Between the fewest and the most rooms of one speaker each. */
function memoryARoom(runs: readonly Figures[]): number | undefined {
  const [first, ...more] = runs
    .filter(({ speakers }) => speakers === 1)
    .sort((one, other) => one.rooms - other.rooms);
  const last = more.at(-1);
  if (!first || !last || last.rooms === first.rooms) return undefined;
  const difference = last.busy.aloneMb - first.busy.aloneMb;
  return Number((difference / (last.rooms - first.rooms)).toFixed(1));
}

export function lostOf({ unheard, lost }: Pick<Figures, 'unheard' | 'lost'>): number {
  return unheard + lost;
}

export function bar(name: string, limit: number, measured: number | undefined): Bar {
  return {
    bar: name,
    limit,
    measured,
    holds: measured === undefined ? undefined : measured <= limit,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
