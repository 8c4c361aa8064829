import { legible } from '../captions/legible.js';
import { TranscriptError } from '../transcript/errors.js';
import type { Change } from '../transcript/forget/changes.js';
import { Forgetting, type Matches } from '../transcript/forget/forget.js';
import type { KeptCall } from '../transcript/forget/kept-calls.js';
import { isVanished } from '../transcript/forget/shelf.js';
import { readArguments } from './arguments.js';
import { performCommand } from './command.js';
import { UsageError } from './output.js';
import { transcriptPlaces } from './places.js';

const USAGE = `captions forget <room or identity> [options]

Takes a person out of all transcripts in TRANSCRIPT_DIR and TRANSCRIPT_STORE: what they said, and that they were there.
Or removes all transcripts of a room, or, by a sid, of one call. There is no way back. What others said stays as it is,
also where they said the person's name. Calls that go on have to end first.

Options
  --person      it is the identity of a person
  --room        it is the name or a sid of a room; only needed where both are known by it
  --dry-run     say what would go, and leave it
  --help        show this
`;

const OPTIONS = {
  person: { type: 'boolean' },
  room: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code: 1 where nothing is forgotten or not everything, 2 where the call has to be changed */
export function runForget(args: readonly string[]): Promise<number> {
  return performCommand({
    name: 'forget',
    usage: USAGE,
    read: () => readCall(args),
    run: (call) => run(call, process.env),
    explained: (error) => (error instanceof TranscriptError ? 1 : undefined),
  });
}

/** While somebody brings the same calls to the store. */
const TRIES = 5;

type Kind = 'room' | 'person';

interface Call {
  readonly target: string;
  readonly kind: Kind | undefined;
  readonly dryRun: boolean;
}

/** @returns undefined when help is asked for */
function readCall(args: readonly string[]): Call | undefined {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return undefined;
  const [target, ...more] = positionals;
  if (target === undefined || target === '' || more.length > 0) {
    throw new UsageError('give one room or identity');
  }
  if (values.person && values.room) throw new UsageError('give --person or --room, not both');
  const kind = values.person ? 'person' : values.room ? 'room' : undefined;
  return { target, kind, dryRun: values['dry-run'] ?? false };
}

async function run(call: Call, env: NodeJS.ProcessEnv): Promise<number> {
  const forgetting = new Forgetting(transcriptPlaces(env));
  try {
    for (let tries = 1; ; tries += 1) {
      try {
        return await forget(call, forgetting, env);
      } catch (error) {
        if (!(error instanceof TranscriptError && isVanished(error)) || tries === TRIES)
          throw error;
      }
    }
  } finally {
    await forgetting.close();
  }
}

async function forget(
  { target, kind, dryRun }: Call,
  forgetting: Forgetting,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const matches = await forgetting.find(target);
  const meant = kind ?? kindOf(target, matches);
  const calls = meant === 'room' ? matches.rooms : matches.people;
  if (calls.length === 0) {
    process.stderr.write(
      `captions forget: no ${meant ?? 'room or person'} of that name in ${transcriptPlaces(env).names.join(' and ') || 'no place'}: check the name, TRANSCRIPT_DIR and TRANSCRIPT_STORE.\n`,
    );
    return 1;
  }
  const identity = meant === 'person' ? target : undefined;
  // All of them first: nothing is changed where one of them cannot be.
  const plans = calls.map((one) => ({ one, changes: forgetting.plan(one, identity) }));
  for (const { one, changes } of plans) {
    if (!dryRun) await forgetting.apply(one, changes, identity);
    process.stdout.write(report(one, changes, dryRun));
  }
  return 0;
}

function kindOf(target: string, { rooms, people }: Matches): Kind | undefined {
  if (rooms.length > 0 && people.length > 0) {
    throw new UsageError(`${legible(target)} is a room and a person: give --room or --person`);
  }
  return rooms.length > 0 ? 'room' : people.length > 0 ? 'person' : undefined;
}

function report({ room, from }: KeptCall, changes: readonly Change[], dryRun: boolean): string {
  const time = new Date(from).toISOString().slice(0, 16).replace('T', ' ');
  const lines = changes.map(({ shelf, name, becomes }) => {
    const done = becomes === 'gone' ? 'removed' : 'rewritten';
    return `  ${dryRun ? 'would be ' : ''}${done}: ${shelf.address(name)}\n`;
  });
  return `${legible(room) || 'A room without a name'}, ${time} UTC\n${lines.join('')}`;
}
