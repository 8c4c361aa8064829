import { parseArgs } from 'node:util';
import { numbers, wholeNumber } from '../options.js';
import type { Way } from './hearers.js';

/** A room for each track, or one for all. */
export type Layout = 'rooms' | 'room';

export interface FramesOptions {
  readonly tracks: readonly number[];
  readonly layouts: readonly Layout[];
  readonly ways: readonly Way[];
  readonly seconds: number;
  readonly silent: boolean;
}

export const HELP = `What it costs to hear a track, with more and more of them in one process.

  npm run bench -- frames [options]

  --tracks 1,10,20,50
  --layouts rooms,room   a room for each track, and one for all
  --frame-ms 10,100      compare with frames of other lengths
  --seconds 10           of each measurement
  --silent               nobody speaks
`;

/** @throws RangeError or TypeError when they are not understood */
export function parseFramesOptions(args: readonly string[]): FramesOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tracks: { type: 'string', default: '1,10,20,50' },
      layouts: { type: 'string', default: 'rooms,room' },
      'frame-ms': { type: 'string', default: '' },
      seconds: { type: 'string', default: '10' },
      silent: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    tracks: numbers(values.tracks),
    layouts: values.layouts.split(',').map(layoutOf),
    ways: ['worker', ...numbers(values['frame-ms'])],
    seconds: wholeNumber(values.seconds),
    silent: values.silent,
  };
}

function layoutOf(name: string): Layout {
  if (name === 'rooms' || name === 'room') return name;
  throw new RangeError(`--layouts takes rooms and room, not "${name}"`);
}
