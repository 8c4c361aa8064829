import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Of the page; 0 takes any free one. Undefined: the usual one, or another where that is taken. */
  readonly port: number | undefined;
  /** The demo ends by itself after this time; undefined: on Ctrl-C. */
  readonly seconds: number | undefined;
  /** Whether the recorded people come. */
  readonly people: boolean;
}

export const DEMO_USAGE = `npm run demo -- [options]
  --port <number>     port of the page (3000, or any free one where that is taken)
  --no-people         without the recorded conversation
  --seconds <number>  ends by itself after this time
Set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to use a LiveKit server that runs already, and
SMALLEST_API_KEY to use the real Pulse. The environment counts, not the file .env.`;

/** @throws Error with a message for whoever typed them; `'help'` when that is what they ask for. */
export function parseDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      seconds: { type: 'string' },
      'no-people': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  return {
    port: wholeNumber('--port', values.port, 65_535),
    seconds: wholeNumber('--seconds', values.seconds, 86_400),
    people: !values['no-people'],
  };
}

function wholeNumber(name: string, value: string | undefined, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (number <= most) return number;
  throw new Error(`${name} "${value}": give a whole number up to ${most}`);
}
