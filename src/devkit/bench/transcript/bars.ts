import type { Bar } from '../density/bars.js';
import type { Exported } from './exporter.js';
import type { Memory } from './memory.js';
import type { Written } from './writer.js';

/** That somebody holds on to; the rest is what the garbage collector lets lie. */
const KEPT_MB = 2;
const GROWTH_MB = 25;
const EXPORT_SECONDS = 5;
const EXPORT_MB = 150;
/** Less than anybody notices in captions; two busy cores alone take some dozens. */
const STALL_MS = 200;

export function barsOf(
  { quarters, segments, closing }: Pick<Written, 'quarters' | 'segments' | 'closing'>,
  exports: readonly Exported[],
): Bar[] {
  const [first, last] = [quarters[0], quarters.at(-1)];
  const growth = (value: (memory: Memory) => number) =>
    first && last ? Math.max(0, value(last) - value(first)) : undefined;
  const most = (values: readonly number[]) => (values.length > 0 ? Math.max(...values) : undefined);
  return [
    bar(
      'kept from the first quarter to the last, MB',
      KEPT_MB,
      growth(({ heapMb }) => heapMb),
    ),
    bar(
      'memory from then to then, MB more',
      GROWTH_MB,
      growth(({ peakMb }) => peakMb),
    ),
    bar('an export, s', EXPORT_SECONDS, most(exports.map(({ seconds }) => seconds))),
    bar('an export, MB', EXPORT_MB, most(exports.map(({ peakMb }) => peakMb))),
    bar('other rooms stand still at the end, ms', STALL_MS, closing.stallMs),
    bar(
      'segments lost or doubled',
      0,
      most(exports.map((exported) => Math.abs(exported.segments - segments))),
    ),
  ];
}

function bar(name: string, limit: number, value: number | undefined): Bar {
  const measured = value === undefined ? undefined : Number(value.toFixed(2));
  return {
    bar: name,
    limit,
    measured,
    holds: measured === undefined ? undefined : measured <= limit,
  };
}
