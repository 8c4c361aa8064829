#!/usr/bin/env node
import { isEntry } from './entry.js';

const USAGE = `captions <command>

Commands
  start        run the worker, configured by the environment and by .env (see .env.example)
  export       write the transcript of a call in another form: captions export --help
  refine       make a better transcript of a call from its recordings: captions refine --help
  transcribe   recognise an audio file: captions transcribe --help

Options
  --help       show this
`;

/** @returns the exit code of the process */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'export') {
    const { runExport } = await import('./export.js');
    return runExport(rest);
  }
  if (command === 'refine') {
    const { runRefine } = await import('./refine.js');
    return runRefine(rest);
  }
  if (command === 'transcribe') {
    const { runTranscribe } = await import('./transcribe.js');
    return runTranscribe(rest);
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command === 'start' && rest.length === 0) {
    const { startFromEnvironment } = await import('../main.js');
    return startFromEnvironment();
  }
  const problem = command === undefined ? 'no command' : `unknown: ${args.join(' ')}`;
  process.stderr.write(`captions: ${problem}\n\n${USAGE}`);
  return 2;
}

if (isEntry(import.meta.url)) process.exit(await runCommand(process.argv.slice(2)));
