import { z } from 'zod';
import { FORMATS, type Format } from '../transcript/exports/formats.js';
import { parseStoreLocation } from '../transcript/store/location.js';

/** What the README and `.env.example` say about a variable, beside its name and default. */
interface VariableDoc {
  readonly doc: string;
  /** Its value is never shown, also not in an error. */
  readonly secret?: boolean;
}

/** The three ways in which captions leave for the room. */
export const OUTPUTS = ['streams', 'segments', 'data'] as const;
export type Output = (typeof OUTPUTS)[number];

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const url = (protocol: RegExp, problem: string) =>
  z
    .url({ protocol, error: problem })
    .refine(
      (address) => !/^[^/]*\/\/[^/?#]*@/.test(address),
      'has a user name or password in it: leave them out, errors would show them',
    );

/** A key travels in an HTTP header: what cannot be there was copied wrong. */
const key = z
  .string()
  .regex(
    /^[\x21-\x7e]+$/,
    'has a character that cannot be in a key (a space, a quote?): copy it again',
  );

const integer = (least: number, most: number) => {
  const problem = `give a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, problem)
    .transform(Number)
    .refine((value) => value >= least && value <= most, problem);
};

const amount = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'give an amount such as 0.48')
  .transform(Number);

const outputs = z.string().transform((value, context): readonly Output[] => {
  if (value === 'none') return [];
  const names = value.split(',').map((name) => name.trim());
  const known = OUTPUTS.filter((output) => names.includes(output));
  const unknown = names.filter((name) => !known.some((output) => output === name));
  if (unknown.length > 0) {
    context.addIssue({
      code: 'custom',
      message: `has no output ${unknown.map((name) => `"${name.slice(0, 40)}"`).join(', ')}: give a comma-separated list of ${OUTPUTS.join(', ')}, or none`,
    });
  }
  return known;
});

const formats = z.string().transform((value, context): readonly Format[] => {
  const names = value === 'none' ? [] : value.split(',').map((name) => name.trim());
  const known = FORMATS.filter((format) => names.includes(format));
  const unknown = names.filter((name) => !known.some((format) => format === name));
  if (unknown.length > 0) {
    context.addIssue({
      code: 'custom',
      message: `has no format ${unknown.map((name) => `"${name.slice(0, 40)}"`).join(', ')}: give a comma-separated list of ${FORMATS.join(', ')}, or none`,
    });
  }
  return known;
});

const storeLocation = z.string().transform((value, context) => {
  const location = parseStoreLocation(value);
  if (!location)
    context.addIssue({ code: 'custom', message: 'give a place such as s3://bucket/prefix' });
  return location;
});

const yesOrNo = z
  .enum(['true', 'false'], 'give true or false')
  .transform((value) => value === 'true');

const described = <Schema extends z.ZodType>(schema: Schema, doc: VariableDoc) =>
  schema.meta({ ...doc });

/**
 * Every variable except `PULSE_*`, which are the options of the speech API under its own names and are checked in
 * `src/pulse`.
 */
export const environmentSchema = z.object({
  LIVEKIT_URL: described(
    url(/^(wss?|https?)$/, 'give an address such as wss://livekit.example.org'),
    {
      doc: 'address of the LiveKit server',
    },
  ),
  LIVEKIT_API_KEY: described(key, { doc: "the server's API key", secret: true }),
  LIVEKIT_API_SECRET: described(key, { doc: "the API key's secret", secret: true }),
  E2EE_SHARED_KEY: described(z.string().default(''), {
    doc: 'key of end-to-end encrypted rooms, as people type it; empty: such rooms are not captioned',
    secret: true,
  }),
  SMALLEST_API_KEY: described(key, { doc: 'key of the Smallest.ai account', secret: true }),
  SMALLEST_BASE_URL: described(
    url(/^https?$/, 'give an address such as https://api.smallest.ai/waves/v1').default(
      'https://api.smallest.ai/waves/v1',
    ),
    { doc: 'where the speech API is: another region, or a local stand-in' },
  ),
  AGENT_NAME: described(
    z
      .string()
      .regex(/^[\w.-]{0,128}$/, 'give at most 128 letters, digits, dots, dashes and underscores')
      .default(''),
    { doc: 'empty: every new room is captioned; else only rooms that dispatch this name' },
  ),
  CAPTIONS_OUTPUTS: described(outputs.default([...OUTPUTS]), {
    doc: 'how captions are sent: text streams, LiveKit transcription segments, data messages; or none',
  }),
  CAPTIONS_INTERVAL_MS: described(integer(0, 10_000).default(100), {
    doc: 'milliseconds between two changes of one caption; 0 sends every change; finals never wait',
  }),
  TRANSCRIPT_DIR: described(z.string().default('./transcripts'), {
    doc: 'folder of the transcripts; empty turns them off',
  }),
  TRANSCRIPT_FORMATS: described(formats.default([...FORMATS]), {
    doc: 'what is made of a transcript at the end of its call; or none',
  }),
  TRANSCRIPT_STORE: described(storeLocation.optional(), {
    doc: 'where transcripts go besides: s3://bucket/prefix, with the AWS_* variables of its SDK',
  }),
  TRANSCRIPT_KEEP_DAYS: described(integer(1, 36_500).optional(), {
    doc: 'transcripts that are older are removed from the folder; none: they are kept',
  }),
  WEBHOOK_URL: described(
    url(/^https?$/, 'give an address such as https://example.org/hook').optional(),
    {
      doc: 'who is told when a transcript begins and ends, signed with the LiveKit key',
    },
  ),
  WEBHOOK_SEGMENTS: described(yesOrNo.default(false), {
    doc: 'whether each segment is told, too',
  }),
  ROOMS_PER_PROCESS: described(integer(1, 1000).default(25), {
    doc: 'rooms in one process; a worker starts as many processes as it needs',
  }),
  MAX_CPU_PERCENT: described(integer(10, 100).default(80), {
    doc: "of the machine's or container's CPU: from there on the worker takes no new room; 100: never full by CPU",
  }),
  PULSE_MAX_STREAMS: described(integer(0, 1_000_000).default(0), {
    doc: "speech streams that this worker may have at once, of the account's plan (Standard: 100): who speaks then waits for one; 0: not limited",
  }),
  PULSE_IDLE_SECONDS: described(integer(1, 86_400).default(30), {
    doc: 'how long a speech stream stays open while nobody speaks on it',
  }),
  PULSE_GATE: described(z.enum(['on', 'off'], 'give on or off').default('on'), {
    doc: 'on: only speech is sent to Pulse, and paid for; off: everything',
  }),
  PULSE_GATE_PREROLL_MS: described(integer(0, 5000).default(400), {
    doc: 'milliseconds of audio from before speech that are sent with it',
  }),
  PULSE_RATE_PER_HOUR: described(amount.default(0.48), {
    doc: 'what an hour of audio that is sent costs, for the cost figures; 0.48: US dollars of the Standard plan',
  }),
  CAPTIONS_MAX_MINUTES_PER_ROOM: described(integer(0, 1_000_000).default(0), {
    doc: 'minutes of audio of one room that are sent, then its captions pause; 0: not limited',
  }),
  CAPTIONS_MAX_MINUTES_PER_DAY: described(integer(0, 100_000_000).default(0), {
    doc: 'minutes of audio that this worker sends in a day (UTC), then captions pause until the next; 0: not limited',
  }),
  HEALTH_PORT: described(integer(0, 65535).default(8081), {
    doc: 'TCP port of the health checks; 0 takes any free one',
  }),
  DRAIN_SECONDS: described(integer(0, 86_400).default(600), {
    doc: 'how long rooms may go on after SIGTERM or Ctrl-C; a second signal ends them at once',
  }),
  LOG_LEVEL: described(z.enum(LOG_LEVELS, `give one of ${LOG_LEVELS.join(', ')}`).default('info'), {
    doc: `the least severe log lines to write: ${LOG_LEVELS.join(', ')}`,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: described(
    url(/^https?$/, 'give an address such as http://localhost:4318').optional(),
    {
      doc: 'where traces go, by OTLP over HTTP; its other OTEL_* variables hold too; none: no traces',
    },
  ),
});

export type Environment = z.infer<typeof environmentSchema>;

export interface VariableDescription {
  readonly name: string;
  /** As it would be written in `.env`; undefined where the variable is required, empty where there is none. */
  readonly fallback: string | undefined;
  readonly doc: string;
  readonly secret: boolean;
}

const docSchema = z.object({ doc: z.string(), secret: z.boolean().default(false) });

/** The table of variables, for the README and for `captions --help`. */
export function describeEnvironment(): VariableDescription[] {
  return Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const { doc, secret } = docSchema.parse(schema.meta());
    const value = schema.safeParse(undefined);
    const fallback = value.success ? written(value.data) : undefined;
    return { name, fallback, doc, secret };
  });
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
