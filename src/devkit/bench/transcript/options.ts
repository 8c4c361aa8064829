import { parseArgs } from 'node:util';
import { wholeNumber } from '../options.js';

export interface TranscriptOptions {
  readonly hours: number;
  readonly people: number;
  /** How many speak at the same time, all through the call. */
  readonly speaking: number;
}

export const HELP = `What the transcript of a long call costs: to write, to read again and to export.

  npm run bench -- transcript [options]

  --hours 4
  --people 20
  --speaking 2     how many of them speak at the same time
`;

/** @throws RangeError or TypeError when they are not understood */
export function parseTranscriptOptions(args: readonly string[]): TranscriptOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hours: { type: 'string', default: '4' },
      people: { type: 'string', default: '20' },
      speaking: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    hours: wholeNumber(values.hours),
    people: wholeNumber(values.people),
    speaking: wholeNumber(values.speaking),
  };
}
