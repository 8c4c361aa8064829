import { STREAM_OPTIONS, type PulseRecognition, streamOptionsFromEnv } from '../pulse/options.js';
import type { TranscriptConfig } from '../transcript/store/store.js';
import { environmentSchema, type Environment, type Output } from './environment.js';
import { ConfigError, type ConfigFault } from './errors.js';

export { ConfigError, type ConfigFault } from './errors.js';
export type { Output } from './environment.js';

export interface Config {
  readonly livekit: {
    /** `ws:` or `wss:`. */
    readonly url: string;
    readonly apiKey: string;
    readonly apiSecret: string;
    /** Of end-to-end encrypted rooms; undefined: they are not captioned. */
    readonly sharedKey: string | undefined;
  };
  readonly pulse: PulseConfig;
  readonly captions: {
    readonly outputs: readonly Output[];
    /** Between two states of one segment; 0: every one. Default 100. */
    readonly intervalMs?: number;
  };
  /** Undefined: no transcripts. */
  readonly transcript: TranscriptConfig | undefined;
  readonly worker: {
    /** Empty: every new room. */
    readonly agentName: string;
    readonly roomsPerProcess: number;
    /** Of the machine's CPU, 0 to 1: from there on the worker is full. 1: never. */
    readonly maxLoad: number;
    /** Pulse streams of this worker; undefined: no limit. */
    readonly maxStreams: number | undefined;
    readonly healthPort: number;
    readonly drainMs: number;
  };
  readonly cost?: CostConfig;
  readonly log: {
    readonly level: string;
    /** Whether there is somewhere for traces to go. */
    readonly traces?: boolean;
  };
}

export interface CostConfig {
  /** Of an hour of audio that is sent. */
  readonly ratePerHour: number;
  /** Of audio that is sent; undefined: not limited. */
  readonly maxMinutesPerRoom?: number | undefined;
  readonly maxMinutesPerDay?: number | undefined;
}

export interface PulseConfig {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly recognition: PulseRecognition;
  /** A stream is closed when no audio came for so long. Default 30,000. */
  readonly idleCloseMs?: number;
  /** Only speech is sent. Undefined: everything is. */
  readonly gate?: { readonly prerollMs: number } | undefined;
}

/** What suits a meeting where the API's default does not: without these events each final ends a turn. */
const RECOGNITION_DEFAULTS: PulseRecognition = { language: 'en', vadEvents: true };

/** Variables of PulseAudio, which many desktops and containers set, and which are not about us. */
const PULSEAUDIO =
  /^PULSE_(SERVER|SINK|SOURCE|COOKIE|BINARY|SCRIPT|DLPATH|CLIENTCONFIG|CONFIG|CONFIG_PATH|RUNTIME_PATH|STATE_PATH|LATENCY_MSEC|INTERNAL|NO_SIMD|PROP(_.*)?|LOG.*)$/;

/**
 * @param env as in `process.env`; spaces around a value are dropped, and a variable that is empty counts as left
 * out, except `TRANSCRIPT_DIR`, where empty has a meaning.
 * @throws ConfigError that lists every fault
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environmentSchema.safeParse(trimmed(env));
  const pulse = streamOptionsFromEnv(env);
  const faults = [
    ...(parsed.error?.issues ?? []).map((issue) => environmentFault(issue.path[0], issue, env)),
    ...pulse.faults.map(pulseFault),
    ...unknownPulseVariables(env),
    ...withoutTranscripts(env),
  ];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);

  const set = parsed.data;
  return {
    livekit: {
      url: set.LIVEKIT_URL.replace(/^http/, 'ws'),
      apiKey: set.LIVEKIT_API_KEY,
      apiSecret: set.LIVEKIT_API_SECRET,
      sharedKey: set.E2EE_SHARED_KEY || undefined,
    },
    pulse: {
      apiKey: set.SMALLEST_API_KEY,
      baseUrl: set.SMALLEST_BASE_URL.replace(/\/+$/, ''),
      recognition: { ...RECOGNITION_DEFAULTS, ...pulse.options },
      idleCloseMs: set.PULSE_IDLE_SECONDS * 1000,
      gate: set.PULSE_GATE === 'on' ? { prerollMs: set.PULSE_GATE_PREROLL_MS } : undefined,
    },
    captions: { outputs: set.CAPTIONS_OUTPUTS, intervalMs: set.CAPTIONS_INTERVAL_MS },
    transcript: transcriptConfig(set),
    worker: {
      agentName: set.AGENT_NAME,
      roomsPerProcess: set.ROOMS_PER_PROCESS,
      maxLoad: set.MAX_CPU_PERCENT / 100,
      maxStreams: set.PULSE_MAX_STREAMS || undefined,
      healthPort: set.HEALTH_PORT,
      drainMs: set.DRAIN_SECONDS * 1000,
    },
    cost: {
      ratePerHour: set.PULSE_RATE_PER_HOUR,
      maxMinutesPerRoom: set.CAPTIONS_MAX_MINUTES_PER_ROOM || undefined,
      maxMinutesPerDay: set.CAPTIONS_MAX_MINUTES_PER_DAY || undefined,
    },
    log: {
      level: set.LOG_LEVEL,
      ...(set.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined && { traces: true }),
    },
  };
}

function transcriptConfig(set: Environment): TranscriptConfig | undefined {
  if (set.TRANSCRIPT_DIR === '') return undefined;
  const { LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = set;
  const { WEBHOOK_URL: url, WEBHOOK_SEGMENTS: segments } = set;
  return {
    directory: set.TRANSCRIPT_DIR,
    formats: set.TRANSCRIPT_FORMATS,
    store: set.TRANSCRIPT_STORE,
    keepDays: set.TRANSCRIPT_KEEP_DAYS,
    webhook: url === undefined ? undefined : { url, segments, apiKey, apiSecret },
  };
}

/** What is made of transcripts, where there are none. */
function withoutTranscripts(env: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  if (env['TRANSCRIPT_DIR']?.trim() !== '') return [];
  return ['TRANSCRIPT_STORE', 'WEBHOOK_URL']
    .filter((name) => env[name]?.trim())
    .map((variable) => ({ variable, problem: 'needs a folder to work in: set TRANSCRIPT_DIR' }));
}

function trimmed(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.keys(environmentSchema.shape).map((name) => [name, env[name]?.trim()]);
  const present = entries.filter(
    ([name, value]) => value || (name === 'TRANSCRIPT_DIR' && value === ''),
  );
  return Object.fromEntries(present) as Record<string, string>;
}

function environmentFault(
  name: PropertyKey | undefined,
  issue: { readonly message: string },
  env: Readonly<Record<string, string | undefined>>,
): ConfigFault {
  const variable = String(name);
  const missing = !env[variable]?.trim();
  return { variable, problem: missing ? 'is missing: set it' : issue.message };
}

/** The speech API's check names the variable first. */
function pulseFault(fault: string): ConfigFault {
  const [variable = fault] = fault.split(' ', 1);
  return { variable, problem: fault.slice(variable.length + 1) };
}

function unknownPulseVariables(env: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  const known = Object.values(STREAM_OPTIONS).map(({ wire }) => `PULSE_${wire.toUpperCase()}`);
  return Object.keys(env)
    .filter((name) => name.startsWith('PULSE_') && !known.includes(name) && !PULSEAUDIO.test(name))
    .filter((name) => !Object.hasOwn(environmentSchema.shape, name))
    .map((variable) => ({
      variable,
      problem: `is not an option of the speech API, which has ${known.join(', ')}`,
    }));
}
