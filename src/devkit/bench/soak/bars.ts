import type { Bar } from '../density/bars.js';
import type { Verdict } from './judge.js';
import { memoryAround, type Sample } from './samples.js';

/** When a worker has all that it needs. */
const SETTLED_SECONDS = 300;
/** Growth over a shorter time says nothing. */
const JUDGED_SECONDS = 600;
const GROWTH_PERCENT = 10;
/** A connection for each track and room, pipes and what Node itself has, well above what a few rooms take. */
const LEFT_SOCKETS = 10;

export interface Aftermath {
  /** Sockets before the first room, and when all rooms were over. */
  readonly socketsBefore: number;
  readonly socketsAfter: number;
  /** Streams that the speech service still has when all rooms were over. */
  readonly streamsAfter: number;
}

/** @param unheardPercent LiveKit drops a packet now and then, and a busy machine more */
export function barsOf(
  verdict: Verdict,
  samples: readonly Sample[],
  after: Aftermath,
  unheardPercent: number,
): Bar[] {
  const unheard = verdict.words === 0 ? 100 : (100 * verdict.unheard) / verdict.words;
  return [
    bar('words lost outside stated gaps', 0, verdict.lost),
    bar('words doubled', 0, verdict.doubled),
    bar('words of somebody else', 0, verdict.crossed),
    bar('words that did not reach the recogniser, %', unheardPercent, round(unheard)),
    bar('memory at the end above that after 5 minutes, %', GROWTH_PERCENT, growthOf(samples)),
    bar('streams left open', 0, after.streamsAfter),
    bar('sockets left open', LEFT_SOCKETS, Math.max(0, after.socketsAfter - after.socketsBefore)),
  ];
}

function growthOf(samples: readonly Sample[]): number | undefined {
  const end = samples.at(-1)?.seconds ?? 0;
  if (end < JUDGED_SECONDS) return undefined;
  const [before, after] = [memoryAround(samples, SETTLED_SECONDS), memoryAround(samples, end)];
  if (before === undefined || after === undefined) return undefined;
  return round((100 * (after - before)) / before);
}

function bar(name: string, limit: number, measured: number | undefined): Bar {
  const holds = measured === undefined ? undefined : measured <= limit;
  return { bar: name, limit, measured, holds };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
