import { FORMATS, type Format } from '../transcript/exports/formats.js';
import { environmentSchema } from '../config/environment.js';
import type { PulseBatchOptions } from '../pulse/batch-options.js';
import { streamOptionsFromEnv } from '../pulse/options.js';
import { REFINED_SUFFIX } from '../transcript/names.js';
import { readArguments } from './arguments.js';
import { momentOf } from './moment.js';
import { UsageError } from './output.js';
import { modelOf, pulseAccess } from './pulse-access.js';

const OPTIONS = {
  track: { type: 'string', multiple: true },
  recording: { type: 'string', multiple: true },
  epoch: { type: 'string' },
  format: { type: 'string' },
  output: { type: 'string' },
  language: { type: 'string' },
  model: { type: 'string' },
  diarize: { type: 'boolean' },
  'redact-pii': { type: 'boolean' },
  'redact-pci': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** A recording as it was typed. */
export interface GivenRecording {
  /** An identity or the sid of a track, and what else it may be where there is a `=` in it; empty: of everybody. */
  readonly of: readonly { readonly who: string; readonly file: string }[];
  /** Unix milliseconds. */
  readonly start: number;
}

/** What `captions refine` is asked to do. */
export interface RefineCall {
  readonly target: string;
  readonly recordings: readonly GivenRecording[];
  readonly formats: readonly Format[];
  readonly output: string | undefined;
  readonly options: PulseBatchOptions;
}

/**
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function readRefineCall(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): RefineCall | undefined {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return undefined;
  const { track: tracks = [], recording: wholes = [] } = values;
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) throw new UsageError('give one journal or room');
  if (target.endsWith(REFINED_SUFFIX)) {
    throw new UsageError('that is refined already: give the journal that it was made from');
  }
  if ((tracks.length === 0) === (wholes.length === 0)) {
    throw new UsageError('give recordings: --track of some people, or --recording of everybody');
  }
  if (values.output !== undefined && values.format === undefined) {
    throw new UsageError('--output takes one --format');
  }
  return {
    target,
    recordings: [
      ...tracks.map((text) => trackOf(text, values.epoch)),
      ...wholes.map((text) => wholeOf(text, values.epoch)),
    ],
    formats: values.format === undefined ? formatsOf(env) : [formatOf(values.format)],
    output: values.output,
    options: {
      ...pulseAccess(env),
      model: modelOf(values.model) ?? 'pulse-pro',
      ...(values.language === undefined ? {} : { language: values.language }),
      // Where all are heard together, voices tell who speaks when nobody was captioned.
      diarize: values.diarize ?? wholes.length > 0,
      ...redaction(env, values['redact-pii'], values['redact-pci']),
      timeoutMs: TIMEOUT_MS,
    },
  };
}

/** Hours of audio take longer than the client's own default. */
const TIMEOUT_MS = 3_600_000;

/** What is taken out of captions is taken out here, too. */
function redaction(env: NodeJS.ProcessEnv, pii: boolean | undefined, pci: boolean | undefined) {
  const { options, faults } = streamOptionsFromEnv(env);
  const fault = faults.find((text) => text.startsWith('PULSE_REDACT_'));
  if (fault !== undefined) throw new UsageError(fault);
  return {
    redactPii: pii ?? options.redactPii ?? false,
    redactPci: pci ?? options.redactPci ?? false,
  };
}

function formatOf(name: string): Format {
  const format = FORMATS.find((known) => known === name);
  if (!format) throw new UsageError(`--format takes one of ${FORMATS.join(', ')}`);
  return format;
}

function formatsOf(env: NodeJS.ProcessEnv): readonly Format[] {
  const given = env['TRANSCRIPT_FORMATS']?.trim();
  const parsed = environmentSchema.shape.TRANSCRIPT_FORMATS.safeParse(given ? given : undefined);
  if (parsed.success) return parsed.data;
  throw new UsageError(`TRANSCRIPT_FORMATS ${parsed.error.issues[0]?.message ?? ''}`);
}

/** `WHO=FILE` or `WHO=FILE@START`: identities and files may have a `=`, too. */
function trackOf(text: string, epoch: string | undefined): GivenRecording {
  const { path, start } = startOf('--track', text, epoch);
  const of = Array.from(path.matchAll(/=/g), ({ index }) => ({
    who: path.slice(0, index),
    file: path.slice(index + 1),
  })).filter(({ who, file }) => who !== '' && file !== '');
  if (of.length === 0) throw new UsageError(`--track takes IDENTITY=FILE, not ${text}`);
  return { of, start };
}

function wholeOf(text: string, epoch: string | undefined): GivenRecording {
  const { path, start } = startOf('--recording', text, epoch);
  return { of: [{ who: '', file: path }], start };
}

/** What is behind the last `@`, where that is a time: there may be others in names and addresses. */
function startOf(option: string, text: string, epoch: string | undefined) {
  const own = /^(?<path>.+)@(?<time>[\d:.TZ+-]{12,35})$/s.exec(text)?.groups;
  const time = own?.['time'] ?? epoch;
  if (time === undefined) {
    throw new UsageError(
      `say when ${text} begins: by ${option} …@TIME, or by --epoch TIME for all`,
    );
  }
  const start = momentOf(own ? `${option} …@TIME` : '--epoch', time);
  return { path: own?.['path'] ?? text, start };
}
