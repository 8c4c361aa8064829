import type { Bar } from '../density/bars.js';
import type { Exported } from './exporter.js';
import type { Written } from './writer.js';

const GROWTH_MB = 20;
const EXPORT_SECONDS = 5;
const EXPORT_MB = 150;

export function barsOf(
  { quarters, segments }: Pick<Written, 'quarters' | 'segments'>,
  exports: readonly Exported[],
): Bar[] {
  const [first, last] = [quarters[0], quarters.at(-1)];
  const growth = first && last ? Math.max(0, last.peakMb - first.peakMb) : undefined;
  const most = (values: readonly number[]) => (values.length > 0 ? Math.max(...values) : undefined);
  return [
    bar('memory from the first quarter to the last, MB more', GROWTH_MB, growth),
    bar('an export, s', EXPORT_SECONDS, most(exports.map(({ seconds }) => seconds))),
    bar('an export, MB', EXPORT_MB, most(exports.map(({ peakMb }) => peakMb))),
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
