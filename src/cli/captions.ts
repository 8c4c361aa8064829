#!/usr/bin/env node
import { isEntry } from './entry.js';

/** @returns the exit code of the process */
type Command = (args: readonly string[]) => Promise<number>;

/** Each is loaded when it is called, so that none pays for another. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['check', async () => (await import('./check.js')).runCheck],
  ['export', async () => (await import('./export.js')).runExport],
  ['forget', async () => (await import('./forget.js')).runForget],
  ['refine', async () => (await import('./refine.js')).runRefine],
  ['transcribe', async () => (await import('./transcribe.js')).runTranscribe],
]);

const USAGE = `captions <command>

Commands
  start        run the worker, configured by the environment and by .env (see .env.example)
  check        see whether everything that it needs is there: captions check --help
  export       write the transcript of a call in another form: captions export --help
  forget       take a person or a room out of all transcripts: captions forget --help
  refine       make a better transcript of a call from its recordings: captions refine --help
  transcribe   recognise an audio file: captions transcribe --help

Options
  --help       show this
`;

/** @returns the exit code of the process */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  const command = COMMANDS.get(name);
  if (command) {
    const run = await command();
    return run(rest);
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (name === 'start' && rest.length === 0) {
    const { startFromEnvironment } = await import('../main.js');
    return startFromEnvironment();
  }
  const problem = args.length === 0 ? 'no command' : `unknown: ${args.join(' ')}`;
  process.stderr.write(`captions: ${problem}\n\n${USAGE}`);
  return 2;
}

if (isEntry(import.meta.url)) process.exit(await runCommand(process.argv.slice(2)));
