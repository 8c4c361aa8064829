import { parseArgs } from 'node:util';
import { numbers, wholeNumber } from '../options.js';
import type { Scene } from './speech.js';

export interface DensityOptions {
  readonly scenes: readonly Scene[];
  /** Of speech that is measured. */
  readonly seconds: number;
  /** Measure so many people in one room who say nothing, in place of everything else. */
  readonly silent: number | undefined;
  /** Measure the Python peer too. */
  readonly python: boolean;
  /** Measure the worker of this package. */
  readonly own: boolean;
  /** What `npm start` runs, of another build. */
  readonly worker: string | undefined;
}

export const HELP = `What rooms cost, and what becomes of the words said in them.

  npm run bench -- density [options]

  --rooms 1,5,8,10,20   rooms of one speaker each
  --speakers 12         speakers of one room more; 0: no such room
  --seconds 60          of speech that is measured, at most 180
  --silent 20           in place of these, people in one room who say nothing, with the speech gate on
  --python              measure the Python peer too, installed by pip into the cache folder
  --only-python         measure it alone
  --worker FILE         another build's main.js in place of ours
`;

const MOST_SECONDS = 180;

/** @throws RangeError or TypeError when they are not understood */
export function parseDensityOptions(args: readonly string[]): DensityOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rooms: { type: 'string', default: '1,5,8,10,20' },
      speakers: { type: 'string', default: '12' },
      seconds: { type: 'string', default: '60' },
      silent: { type: 'string' },
      python: { type: 'boolean', default: false },
      'only-python': { type: 'boolean', default: false },
      worker: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const seconds = wholeNumber(values.seconds);
  if (seconds > MOST_SECONDS) throw new RangeError(`--seconds must be at most ${MOST_SECONDS}`);
  const scenes = numbers(values.rooms).map((rooms): Scene => ({ rooms, speakers: 1 }));
  if (values.speakers !== '0') scenes.push({ rooms: 1, speakers: wholeNumber(values.speakers) });
  return {
    scenes,
    seconds,
    silent: values.silent === undefined ? undefined : wholeNumber(values.silent),
    python: values.python || values['only-python'],
    own: !values['only-python'],
    worker: values.worker,
  };
}
