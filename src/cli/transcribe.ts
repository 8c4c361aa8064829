import { basename } from 'node:path';
import { type BatchAudio, transcribe } from '../pulse/batch.js';
import type { PulseBatchOptions } from '../pulse/batch-options.js';
import { PulseError } from '../pulse/errors.js';
import { TranscriptError } from '../transcript/errors.js';
import { formatCues } from '../transcript/exports/format-cues.js';
import { type Format, FORMATS } from '../transcript/exports/formats.js';
import { recordingCues } from '../transcript/recording.js';
import { readArguments } from './arguments.js';
import { performCommand } from './command.js';
import { put, UsageError } from './output.js';
import { ProgressBar } from './progress.js';
import { modelOf, pulseAccess } from './pulse-access.js';

const USAGE = `captions transcribe <audio file> [options]
captions transcribe --url <address> [options]

Recognises a recording with the batch API of Pulse: WAV, MP3, FLAC, Opus and others, up to 250 MB. Needs
SMALLEST_API_KEY, and takes SMALLEST_BASE_URL, from the environment or .env.

Options
  --format FORMAT     ${FORMATS.join(', ')}; default txt
  --output FILE       write there, whole or not at all; default: print
  --language CODE     default en
  --model MODEL       pulse, or pulse-pro (English only, more accurate); default pulse
  --diarize           tell voices apart
  --redact-pii        take out what identifies people
  --redact-pci        take out payment cards
  --url ADDRESS       the recording is fetched from there by Pulse
  --help              show this
`;

const OPTIONS = {
  format: { type: 'string', default: 'txt' },
  output: { type: 'string' },
  language: { type: 'string' },
  model: { type: 'string' },
  diarize: { type: 'boolean' },
  'redact-pii': { type: 'boolean' },
  'redact-pci': { type: 'boolean' },
  url: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code: 1 where it did not work, 2 where the call has to be changed */
export function runTranscribe(args: readonly string[]): Promise<number> {
  return performCommand({
    name: 'transcribe',
    usage: USAGE,
    read: () => readCall(args, process.env),
    run,
    explained: (error) => {
      if (error instanceof PulseError) return exitCodeOf(error);
      return error instanceof TranscriptError ? 1 : undefined;
    },
  });
}

function exitCodeOf({ code }: PulseError): number {
  return code === 'bad_options' ? 2 : 1;
}

interface Call {
  readonly audio: BatchAudio;
  readonly title: string;
  readonly options: PulseBatchOptions;
  readonly format: Format;
  readonly output: string | undefined;
}

/** @returns undefined when help is asked for */
function readCall(args: readonly string[], env: NodeJS.ProcessEnv): Call | undefined {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return undefined;
  const [file, ...more] = positionals;
  const source = values.url ?? file;
  if (source === undefined || more.length > 0 || (values.url !== undefined && file !== undefined)) {
    throw new UsageError('give one audio file, or --url');
  }
  const format = FORMATS.find((known) => known === values.format);
  if (!format) throw new UsageError(`--format takes one of ${FORMATS.join(', ')}`);
  const model = modelOf(values.model);
  return {
    audio: values.url === undefined ? { file: source } : { url: source },
    title: basename(source),
    format,
    output: values.output,
    options: {
      ...pulseAccess(env),
      ...(values.language === undefined ? {} : { language: values.language }),
      ...(model && { model }),
      ...(values.diarize === undefined ? {} : { diarize: values.diarize }),
      ...(values['redact-pii'] === undefined ? {} : { redactPii: values['redact-pii'] }),
      ...(values['redact-pci'] === undefined ? {} : { redactPci: values['redact-pci'] }),
    },
  };
}

async function run({ audio, title, options, format, output }: Call): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  const bar = new ProgressBar(process.stderr);
  try {
    const result = await transcribe(audio, options, {
      signal: stop.signal,
      onProgress: (sent, total) => bar.update(sent, total),
    });
    bar.clear();
    if (result.type === 'processing') {
      process.stderr.write('captions transcribe: Pulse works on it and will send the answer.\n');
      return 1;
    }
    const { language } = result;
    await put(formatCues(recordingCues(result), format, { title, language }), output);
    return 0;
  } catch (error) {
    bar.clear();
    if (!stop.signal.aborted) throw error;
    process.stderr.write('captions transcribe: interrupted; nothing was written\n');
    return 130;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
