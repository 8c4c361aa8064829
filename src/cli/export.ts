import { extname, resolve } from 'node:path';
import { TranscriptError } from '../transcript/errors.js';
import { type Format, FORMATS } from '../transcript/exports/formats.js';
import { transcriptText } from '../transcript/exports/index.js';
import { missingFrom } from '../transcript/exports/missing.js';
import { shifted } from '../transcript/exports/shift.js';
import { mergeParts } from '../transcript/merge.js';
import type { Transcript } from '../transcript/transcript.js';
import { readArguments } from './arguments.js';
import { performCommand } from './command.js';
import { journalsOf } from './journals-of.js';
import { momentOf } from './moment.js';
import { put, UsageError } from './output.js';

const USAGE = `captions export <journal or room> [options]

Writes the transcript of a call, which may still go on, be finished or have been cut off. Give the path of a journal
(….jsonl; the other parts of its call are read too), or the name or sid of a room: its latest call is then looked up in
TRANSCRIPT_DIR and TRANSCRIPT_STORE.

Options
  --format FORMAT     ${FORMATS.join(', ')}; default: the ending of --output, else vtt
  --output FILE       write there, whole or not at all; default: print
  --offset MS         add milliseconds to all times, such as -1500
  --epoch TIME        count times from then, such as the beginning of a recording: Unix milliseconds, nanoseconds as
                      LiveKit's egress has them in startedAt, or a date such as 2026-11-25T10:00:00.250Z
  --help              show this
`;

const OPTIONS = {
  format: { type: 'string' },
  output: { type: 'string' },
  offset: { type: 'string' },
  epoch: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code: 1 where there is no transcript to be had, 2 where the call has to be changed */
export function runExport(args: readonly string[]): Promise<number> {
  return performCommand({
    name: 'export',
    usage: USAGE,
    read: () => readCall(args),
    run,
    explained: (error) => (error instanceof TranscriptError ? 1 : undefined),
  });
}

async function run(call: Call): Promise<number> {
  const transcript = mergeParts(await journalsOf(call.target, process.env));
  for (const what of missingFrom(transcript)) {
    process.stderr.write(`captions export: missing: ${what}\n`);
  }
  if (call.output !== undefined) refuseJournal(call.output, transcript);
  const by = call.offset ?? (call.epoch === undefined ? 0 : transcript.epoch - call.epoch);
  await put(transcriptText(shifted(transcript, by), call.format), call.output);
  return 0;
}

interface Call {
  readonly target: string;
  readonly format: Format;
  readonly output: string | undefined;
  readonly offset: number | undefined;
  readonly epoch: number | undefined;
}

/** @returns undefined when help is asked for */
function readCall(args: readonly string[]): Call | undefined {
  const { values, positionals } = readArguments(withNegatives(args), OPTIONS);
  if (values.help === true) return undefined;
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) throw new UsageError('give one journal or room');
  const wanted = values.format ?? (extname(values.output ?? '').slice(1) || 'vtt');
  const format = FORMATS.find((known) => known === wanted);
  if (!format) throw new UsageError(`--format takes one of ${FORMATS.join(', ')}`);
  if (values.offset !== undefined && values.epoch !== undefined) {
    throw new UsageError('give --offset or --epoch, not both');
  }
  return {
    target,
    format,
    output: values.output,
    offset: milliseconds('--offset', values.offset),
    epoch: values.epoch === undefined ? undefined : momentOf('--epoch', values.epoch),
  };
}

/** `--offset -1500` as it can be told from two options. */
function withNegatives(args: readonly string[]): string[] {
  return args.reduce<string[]>((result, arg) => {
    const last = result.at(-1);
    if (last !== '--offset' || !/^-\d/.test(arg)) return [...result, arg];
    return [...result.slice(0, -1), `${last}=${arg}`];
  }, []);
}

function milliseconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw new UsageError(`${option} takes whole milliseconds`);
  return Number(text);
}

function refuseJournal(output: string, { parts }: Transcript): void {
  if (parts.some(({ journal }) => resolve(journal) === resolve(output))) {
    throw new UsageError('--output is the journal itself: choose another');
  }
}
