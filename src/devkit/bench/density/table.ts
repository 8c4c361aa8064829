import { type Bar, lostOf } from './bars.js';
import type { Figures } from './scenario.js';

const COLUMNS: readonly (readonly [title: string, value: (figures: Figures) => string])[] = [
  ['rooms × speakers', ({ rooms, speakers }) => `${rooms} × ${speakers}`],
  ['idle MB', ({ idle }) => `${idle.aloneMb} (PSS ${idle.pssMb})`],
  ['busy MB', ({ busy }) => `${busy.aloneMb} (PSS ${busy.pssMb})`],
  ['cores a track', ({ cpuPerTrack }) => String(cpuPerTrack)],
  [
    'overhead p50 / p99 ms',
    ({ overheadP50Ms, overheadP99Ms }) => `${overheadP50Ms} / ${overheadP99Ms}`,
  ],
  [
    'words lost',
    (figures) =>
      `${lostOf(figures)} of ${figures.words}${figures.unheard > 0 ? ` (${figures.unheard} unheard)` : ''}`,
  ],
  ['doubled', ({ doubled }) => String(doubled)],
];

/** The runs of each contender as one table in Markdown. */
export function tableOf(contenders: readonly { name: string; runs: readonly Figures[] }[]): string {
  const rows = [
    ['contender', ...COLUMNS.map(([title]) => title)],
    ...contenders.flatMap(({ name, runs }) =>
      runs.map((figures) => [name, ...COLUMNS.map(([, value]) => value(figures))]),
    ),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) => lineOf(row, widths, ' '));
  lines.splice(
    1,
    0,
    lineOf(
      widths.map((width) => '-'.repeat(width)),
      widths,
      ' ',
    ),
  );
  return lines.join('\n');
}

function lineOf(cells: readonly string[], widths: readonly number[], edge: string): string {
  const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return `|${edge}${padded.join(`${edge}|${edge}`)}${edge}|`;
}

export function barLine({ bar, limit, measured, holds }: Bar): string {
  const verdict = holds === undefined ? 'not measured' : holds ? 'holds' : 'MISSED';
  return `${bar}: ${measured ?? '–'}, at most ${limit}: ${verdict}`;
}
