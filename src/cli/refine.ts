import type { PulseBatchOptions } from '../pulse/batch-options.js';
import { PulseError } from '../pulse/errors.js';
import { TranscriptError } from '../transcript/errors.js';
import { FORMATS } from '../transcript/exports/formats.js';
import { missingFrom } from '../transcript/exports/missing.js';
import { mergeParts, placeParts } from '../transcript/merge.js';
import { everybody, scopeOf } from '../transcript/refine/lane.js';
import { audioOf, mutedIn, recognise, type Recording } from '../transcript/refine/recognise.js';
import type { Recognised } from '../transcript/refine/recognised.js';
import { isRedacted, refine, type Refined } from '../transcript/refine/refined.js';
import type { Span } from '../transcript/refine/spans.js';
import { unheardIn } from '../transcript/refine/unheard.js';
import type { Transcript } from '../transcript/transcript.js';
import { performCommand } from './command.js';
import { journalsOf } from './journals-of.js';
import { UsageError } from './output.js';
import { transcriptPlaces } from './places.js';
import { ProgressBar } from './progress.js';
import { type GivenRecording, readRefineCall, type RefineCall } from './refine-call.js';
import { storeRefined, writeRefined } from './refined-files.js';

const USAGE = `captions refine <journal or room> --track WHO=FILE@TIME … [options]
captions refine <journal or room> --recording FILE@TIME [options]

Has recordings of a call recognised anew by the batch API of Pulse, and writes a better transcript beside the first,
with the same people on the same clock: ….refined.jsonl, and the files made from it; they go to TRANSCRIPT_STORE, too. The
first stays as it is. Needs SMALLEST_API_KEY, and takes SMALLEST_BASE_URL, PULSE_REDACT_PII and PULSE_REDACT_PCI, from the environment or .env.

Options
  --track WHO=FILE    a recording of one person (an identity), or of one track (its sid); as many as there are
  --recording FILE    a recording of everybody; who speaks is known from the first transcript
  --epoch TIME        when recordings begin that have no @TIME behind their file: Unix milliseconds, nanoseconds as
                      LiveKit's egress has them in startedAt, or a date such as 2026-11-25T10:00:00.250Z
  --format FORMAT     only this one of ${FORMATS.join(', ')}; default: those of TRANSCRIPT_FORMATS
  --output FILE       write that there
  --language CODE     default en
  --model MODEL       pulse-pro (English only), or pulse; default pulse-pro
  --diarize           tell voices apart; always done for --recording
  --redact-pii        take out what identifies people
  --redact-pci        take out payment cards
  --help              show this
`;

/** @returns the exit code: 1 where it did not work, 2 where the call has to be changed */
export function runRefine(args: readonly string[]): Promise<number> {
  return performCommand({
    name: 'refine',
    usage: USAGE,
    read: () => readRefineCall(args, process.env),
    run,
    explained: (error) =>
      error instanceof PulseError || error instanceof TranscriptError
        ? exitCodeOf(error)
        : undefined,
  });
}

function exitCodeOf({ code }: PulseError | TranscriptError): number {
  return code === 'bad_options' || code === 'not_muted' ? 2 : 1;
}

async function run(call: RefineCall): Promise<number> {
  const places = transcriptPlaces(process.env);
  const parts = placeParts(await journalsOf(call.target, process.env));
  const first = mergeParts(parts);
  const recordings = call.recordings.map((given) => recordingOf(given, first));
  const unheard = unheardIn(parts);
  const sources = recordings.map((recording) => ({
    recording,
    muted: mutedIn(recording, unheard, first.end),
  }));
  const options = first.segments.some(isRedacted)
    ? { ...call.options, redactPii: true, redactPci: true }
    : call.options;
  const recognised = await interruptible((signal) => recogniseAll(sources, options, signal));
  if (!recognised) {
    process.stderr.write('captions refine: interrupted; nothing was written\n');
    return 130;
  }
  const refined = refine(parts, recognised);
  for (const warning of warnings(first, recordings, refined)) {
    process.stderr.write(`captions refine: ${warning}\n`);
  }
  const files = await writeRefined(call, parts, refined, places);
  for (const path of [files.journal, ...files.exports, ...(files.output ? [files.output] : [])]) {
    process.stdout.write(`${path}\n`);
  }
  await storeRefined(files, places);
  return 0;
}

function recordingOf({ of, start }: GivenRecording, first: Transcript): Recording {
  for (const { who, file } of of.toReversed()) {
    const scope = who === '' ? everybody(first) : scopeOf(who, first);
    if (scope) return { file, scope, start: start - first.epoch };
  }
  const known = first.people.map(({ identity }) => identity).join(', ');
  throw new UsageError(
    `${of[0]?.who ?? ''} is neither somebody who was captioned in this call nor a track of it; it has ${known}`,
  );
}

interface Source {
  readonly recording: Recording;
  readonly muted: readonly Span[];
}

/** One after the other: the service takes few requests a minute, and each of them takes all of the uplink. */
async function recogniseAll(
  sources: readonly Source[],
  options: PulseBatchOptions,
  signal: AbortSignal,
): Promise<Recognised[]> {
  // What cannot be done is said before anything is paid for.
  for (const { recording, muted } of sources) await audioOf(recording, muted);
  const bar = new ProgressBar(process.stderr);
  const onProgress = (sent: number, total: number) => bar.update(sent, total);
  const recognised: Recognised[] = [];
  try {
    for (const { recording, muted } of sources) {
      recognised.push(await recognise(recording, muted, options, { signal, onProgress }));
    }
    return recognised;
  } finally {
    bar.clear();
  }
}

/** @returns undefined when Ctrl-C came before it was done */
async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return undefined;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** Below this part of its words, a recording is likely to be of somebody else, or to begin at another time. */
const LIKELY = 0.5;

function warnings(
  first: Transcript,
  recordings: readonly Recording[],
  { agreement, kept, fresh }: Refined,
): string[] {
  return [
    ...missingFrom(first).map((what) => `missing from the first transcript: ${what}`),
    ...recordings.flatMap(({ file }, index) => {
      const share = agreement[index];
      if (share === undefined) return [`${file}: no word was recognised; what was captioned stays`];
      if (share >= LIKELY) return [];
      const percent = Math.round(share * 100);
      return [
        `${file}: only ${percent} % of its words are where its people were captioned: check whose it is and when it begins`,
      ];
    }),
    `${fresh} segments are new, ${kept} stay as they were`,
  ];
}
