import { parseArgs } from 'node:util';
import { wholeNumber } from '../options.js';

export interface SoakOptions {
  readonly minutes: number;
  /** At the same time. */
  readonly rooms: number;
  /** In each room. */
  readonly speakers: number;
  readonly seed: number;
  readonly faults: boolean;
  /** Percent of the words that may fail to reach the recogniser. */
  readonly unheard: number;
  /** What `npm start` runs, of another build. */
  readonly worker: string | undefined;
}

export const HELP = `What becomes of words, memory and sockets while rooms and people come and go and much goes wrong.

  npm run bench -- soak [options]

  --minutes 30     how long; memory is judged from 10 minutes on
  --rooms 3        at the same time
  --speakers 2     in each room
  --seed 1         of everything that happens by chance
  --no-faults      nothing goes wrong with Pulse
  --unheard 1      percent of the words that may fail to reach the recogniser; more where much else runs
  --worker FILE    another build's main.js in place of ours
`;

/** @throws RangeError or TypeError when they are not understood */
export function parseSoakOptions(args: readonly string[]): SoakOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      rooms: { type: 'string', default: '3' },
      speakers: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      'no-faults': { type: 'boolean', default: false },
      unheard: { type: 'string', default: '1' },
      worker: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    minutes: wholeNumber(values.minutes),
    rooms: wholeNumber(values.rooms),
    speakers: wholeNumber(values.speakers),
    seed: wholeNumber(values.seed),
    faults: !values['no-faults'],
    unheard: wholeNumber(values.unheard),
    worker: values.worker,
  };
}
