import { LANGUAGES, normaliseLanguage } from './languages.js';
import { PulseError } from './errors.js';
import { parseUrl } from './parse-url.js';

/**
 * The options of the streaming API. One that is left out is not sent: the server's own default then holds, which
 * each docstring gives. Source: the vendor's reference of August 2026 and its Python client of November 2026.
 */
export interface PulseRecognition {
  /** A code of `LANGUAGES.streaming`, or `en-US` and the like, or `auto`. Here `en` when left out: the API wants one. */
  readonly language?: string;
  /**
   * How the audio goes over the wire; it is given as 16-bit PCM and encoded here. Default `linear16`. The API also
   * names `linear32`, `opus` and `ogg_opus`, which are not offered: twice the bytes would say no more than 16 bits do,
   * and LiveKit has decoded its Opus before the audio comes here, so that a second encoder would only cost.
   */
  readonly encoding?: 'linear16' | 'mulaw' | 'alaw';
  /** Hz, of the audio that is given and sent: 8000, 16000, 22050, 24000, 44100 or 48000. Default 16000. */
  readonly sampleRate?: number;
  /**
   * Times of each word. On here unless switched off (the server's default is off): without them a lost connection
   * can only be mended by comparing texts.
   */
  readonly wordTimestamps?: boolean;
  /** Adds `utterances`. Default off. */
  readonly sentenceTimestamps?: boolean;
  /** Adds the running transcript to each message; nothing here uses it. Default off. */
  readonly fullTranscript?: boolean;
  /** Tells voices on one track apart. Default off. */
  readonly diarize?: boolean;
  /** Acoustic start and end of speech; without it each final counts as the end of a turn. Default off. */
  readonly vadEvents?: boolean;
  /** Finalize on trailing silence. Default on. */
  readonly endpointing?: boolean;
  /** Milliseconds of silence for `endpointing` and `vadEvents`, 10 to 10,000. Default 600; the vendor's client sends 300. */
  readonly endpointingTimeout?: number;
  /** Milliseconds of silence that always end an utterance, 100 to 10,000. Default 800; 1000 to 2000 is advised for meetings. */
  readonly eouTimeoutMs?: number;
  /** Finals every few words. Default on. */
  readonly finalizeOnWords?: boolean;
  /** Force a final at that many words, 1 or more. Default none. */
  readonly maxWords?: number;
  /** Master switch of `punctuate`, `capitalize` and `itnNormalize`. Default on. */
  readonly format?: boolean;
  /** Default on. */
  readonly punctuate?: boolean;
  /** Default on. */
  readonly capitalize?: boolean;
  /** Spoken numbers and dates to written form, in finals only. Default off. */
  readonly itnNormalize?: boolean;
  /** The older switch for numbers. Default `auto`. */
  readonly numerals?: 'true' | 'false' | 'auto';
  /** Finals carry `[FIRSTNAME_1]` and the like. Interims are held back: they may show what was redacted. Default off. */
  readonly redactPii?: boolean;
  /** The same for payment cards. Default off. */
  readonly redactPci?: boolean;
  /** `Blackwell:1,Jensen Huang:2`: words to expect, with a weight above 0 and up to 5 (1 to 3 advised), case-sensitive; at most 10,000. */
  readonly keywords?: string;
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`, for the vendor's usage records. */
  readonly externalSessionId?: string;
}

/** Where the API is, and how much a stream does to lose nothing. Times in milliseconds. */
export interface PulseConnectionOptions {
  readonly apiKey: string;
  /** Default `DEFAULT_BASE_URL`; other regions are other hosts. */
  readonly baseUrl?: string;
  /** Interims although redaction is on: they may show what finals redact. Default false. */
  readonly unredactedInterims?: boolean;
  /** Audio kept until a final confirms it, 1,000 to 600,000. Default 60,000: 1.9 MB at 16 kHz. */
  readonly bufferMs?: number;
  /** Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** The server may say nothing for this long while speech is sent; then it is asked. Default 5000. */
  readonly silenceLimitMs?: number;
  /** The wait for the last message at the end. Default 5000. */
  readonly lastTimeoutMs?: number;
  /** The end as a whole, over reconnections. Default 60,000. */
  readonly endTimeoutMs?: number;
  /** The connection is closed when no audio came for this long; the next audio opens one again. Default 30,000. */
  readonly idleCloseMs?: number;
}

export type PulseStreamOptions = PulseConnectionOptions & PulseRecognition;

export const DEFAULT_BASE_URL = 'https://api.smallest.ai/waves/v1';

type OptionName = keyof PulseRecognition;
type OptionValue = string | number | boolean;

interface OptionSpec {
  /** The API's name of it. In capitals behind `PULSE_`, the variable's. */
  readonly wire: string;
  readonly kind: 'boolean' | 'integer' | 'text';
  /** Says what is wrong, as the end of a sentence that begins with the option's name. */
  readonly fault?: (value: OptionValue) => string | undefined;
}

const SAMPLE_RATES = [8000, 16000, 22050, 24000, 44100, 48000];

/** All options, in the order of the vendor's reference: the one table that checking, sending and documents read. */
export const STREAM_OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  language: {
    wire: 'language',
    kind: 'text',
    fault: (value) =>
      normaliseLanguage(String(value), 'streaming') === undefined
        ? `is not a language of Pulse streaming, which has ${LANGUAGES.streaming.join(' ')}`
        : undefined,
  },
  encoding: { wire: 'encoding', kind: 'text', fault: oneOf(['linear16', 'mulaw', 'alaw']) },
  sampleRate: { wire: 'sample_rate', kind: 'integer', fault: oneOf(SAMPLE_RATES) },
  wordTimestamps: { wire: 'word_timestamps', kind: 'boolean' },
  sentenceTimestamps: { wire: 'sentence_timestamps', kind: 'boolean' },
  fullTranscript: { wire: 'full_transcript', kind: 'boolean' },
  diarize: { wire: 'diarize', kind: 'boolean' },
  vadEvents: { wire: 'vad_events', kind: 'boolean' },
  endpointing: { wire: 'endpointing', kind: 'boolean' },
  endpointingTimeout: { wire: 'endpointing_timeout', kind: 'integer', fault: between(10, 10_000) },
  eouTimeoutMs: { wire: 'eou_timeout_ms', kind: 'integer', fault: between(100, 10_000) },
  finalizeOnWords: { wire: 'finalize_on_words', kind: 'boolean' },
  maxWords: { wire: 'max_words', kind: 'integer', fault: between(1, 10_000) },
  format: { wire: 'format', kind: 'boolean' },
  punctuate: { wire: 'punctuate', kind: 'boolean' },
  capitalize: { wire: 'capitalize', kind: 'boolean' },
  itnNormalize: { wire: 'itn_normalize', kind: 'boolean' },
  numerals: { wire: 'numerals', kind: 'text', fault: oneOf(['true', 'false', 'auto']) },
  redactPii: { wire: 'redact_pii', kind: 'boolean' },
  redactPci: { wire: 'redact_pci', kind: 'boolean' },
  keywords: { wire: 'keywords', kind: 'text', fault: (value) => keywordsFault(String(value)) },
  externalSessionId: {
    wire: 'external_session_id',
    kind: 'text',
    fault: (value) =>
      /^[A-Za-z0-9_.-]{1,128}$/.test(String(value))
        ? undefined
        : 'takes 1 to 128 of A-Z a-z 0-9 _ . -',
  },
};

const OPTION_NAMES = Object.keys(STREAM_OPTIONS) as OptionName[];

const CONNECTION_OPTIONS: Readonly<
  Record<keyof PulseConnectionOptions, (value: unknown) => string | undefined>
> = {
  apiKey: (value) =>
    typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
      ? undefined
      : 'takes the API key: printable characters without spaces',
  baseUrl: (value) =>
    typeof value === 'string' && /^https?:$/.test(parseUrl(value)?.protocol ?? '')
      ? undefined
      : `takes an address such as ${DEFAULT_BASE_URL}`,
  unredactedInterims: (value) => (typeof value === 'boolean' ? undefined : 'takes true or false'),
  bufferMs: milliseconds(1000, 600_000),
  connectTimeoutMs: milliseconds(1, 600_000),
  silenceLimitMs: milliseconds(100, 600_000),
  lastTimeoutMs: milliseconds(1, 600_000),
  endTimeoutMs: milliseconds(1, 3_600_000),
  idleCloseMs: milliseconds(100, 86_400_000),
};

/** What a stream cannot change while it runs. */
const FIXED = ['sampleRate', 'encoding', 'vadEvents'] as const;

/**
 * @param running the options of the stream that is to change, if one is.
 * @throws PulseError `bad_options` that lists all faults, each beginning with the option's name.
 */
export function checkOptions(options: PulseStreamOptions, running?: PulseStreamOptions): void {
  const faults = [...connectionFaults(options), ...streamOptionFaults(options)];
  if (running) {
    const changed = FIXED.filter((name) => options[name] !== running[name]);
    faults.push(...changed.map((name) => `${name} cannot change while a stream runs`));
  }
  if (faults.length > 0) throw new PulseError('bad_options', `${faults.join('; ')}.`);
}

function connectionFaults(options: PulseStreamOptions): string[] {
  return Object.entries(CONNECTION_OPTIONS).flatMap(([name, check]) => {
    const value: unknown = options[name as keyof PulseConnectionOptions];
    if (value === undefined && name !== 'apiKey') return [];
    const fault = check(value);
    return fault === undefined ? [] : [`${name} ${fault}`];
  });
}

/** What is wrong with the recognition's options, one sentence each; empty when all is right. */
export function streamOptionFaults(options: PulseRecognition): string[] {
  const faults = OPTION_NAMES.flatMap((name) => {
    const value = options[name];
    if (value === undefined) return [];
    const fault = kindFault(STREAM_OPTIONS[name], value) ?? STREAM_OPTIONS[name].fault?.(value);
    return fault === undefined ? [] : [`${name} ${fault}`];
  });
  const known = new Set<string>([...OPTION_NAMES, ...Object.keys(CONNECTION_OPTIONS)]);
  const unknown = Object.keys(options).filter((name) => !known.has(name));
  return [...faults, ...unknown.map((name) => `${name} is not an option of Pulse streaming`)];
}

/**
 * The options that environment variables set: `PULSE_EOU_TIMEOUT_MS=1000` and so on. An empty variable counts as
 * left out.
 *
 * @returns the options, and what is wrong by the variables' names. Unknown `PULSE_` variables are the caller's.
 */
export function streamOptionsFromEnv(env: Readonly<Record<string, string | undefined>>): {
  options: PulseRecognition;
  faults: string[];
} {
  const options: Record<string, OptionValue> = {};
  const faults: string[] = [];
  for (const name of OPTION_NAMES) {
    const spec = STREAM_OPTIONS[name];
    const variable = `PULSE_${spec.wire.toUpperCase()}`;
    const text = env[variable]?.trim();
    if (!text) continue;
    const value = fromText(spec, text);
    const fault = kindFault(spec, value) ?? spec.fault?.(value);
    if (fault === undefined) options[name] = value;
    else faults.push(`${variable} ${fault}`);
  }
  return { options, faults };
}

/** The query of the socket's address. */
export function streamQuery(options: PulseRecognition): URLSearchParams {
  const query = new URLSearchParams({ model: 'pulse' });
  for (const name of OPTION_NAMES) {
    const value = options[name];
    if (value !== undefined) query.set(STREAM_OPTIONS[name].wire, String(value));
  }
  query.set('language', normaliseLanguage(options.language ?? 'en', 'streaming') ?? 'en');
  query.set('word_timestamps', String(options.wordTimestamps ?? true));
  query.set('sample_rate', String(sampleRateOf(options)));
  return query;
}

export function sampleRateOf(options: PulseRecognition): number {
  return options.sampleRate ?? 16_000;
}

function fromText(spec: OptionSpec, text: string): OptionValue {
  switch (spec.kind) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'integer':
      return Number(text);
    case 'text':
      return text;
  }
}

function kindFault(spec: OptionSpec, value: OptionValue): string | undefined {
  switch (spec.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'takes true or false';
    case 'integer':
      return Number.isInteger(value) ? undefined : 'takes a whole number';
    case 'text':
      return typeof value === 'string' ? undefined : 'takes text';
  }
}

function oneOf(values: readonly OptionValue[]): (value: OptionValue) => string | undefined {
  return (value) => (values.includes(value) ? undefined : `takes one of ${values.join(', ')}`);
}

function between(least: number, most: number): (value: OptionValue) => string | undefined {
  return (value) =>
    Number(value) >= least && Number(value) <= most
      ? undefined
      : `takes a whole number from ${least} to ${most}`;
}

function milliseconds(least: number, most: number): (value: unknown) => string | undefined {
  return (value) =>
    typeof value === 'number' && value >= least && value <= most
      ? undefined
      : `takes milliseconds from ${least} to ${most}`;
}

function keywordsFault(list: string): string | undefined {
  const entries = list.split(',').map((entry) => entry.trim());
  if (entries.length > 10_000) return 'takes at most 10,000 keywords';
  const bad = entries.filter((entry) => {
    const [, word, weight] = /^(.*?)(?::([^:]*))?$/.exec(entry) ?? [];
    if (!word?.trim()) return true;
    if (weight === undefined) return false;
    return weight.trim() === '' || !(Number(weight) > 0 && Number(weight) <= 5);
  });
  return bad.length === 0
    ? undefined
    : 'takes `word:weight,word:weight`, weights above 0 and up to 5, no empty entry';
}
