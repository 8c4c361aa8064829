import { PulseError } from './errors.js';
import { LANGUAGES, normaliseLanguage } from './languages.js';
import { parseUrl } from './parse-url.js';

/** The options of the batch API. One that is left out is not sent. */
export interface PulseBatchOptions {
  readonly apiKey: string;
  readonly baseUrl?: string;
  /** `pulse-pro` is more accurate and knows English only. Default `pulse`. */
  readonly model?: 'pulse' | 'pulse-pro';
  /** A code of `LANGUAGES.batch`. Default `en`. */
  readonly language?: string;
  /** Adds `words` and `utterances`. On here unless switched off. */
  readonly wordTimestamps?: boolean;
  readonly diarize?: boolean;
  readonly redactPii?: boolean;
  readonly redactPci?: boolean;
  readonly genderDetection?: boolean;
  readonly emotionDetection?: boolean;
  /** `pulse-pro` only: where the answer is sent; the call then returns as soon as the job is taken. */
  readonly webhookUrl?: string;
  readonly webhookMethod?: 'POST' | 'PUT';
  /** Comes back with the webhook: any text. */
  readonly webhookExtra?: string;
  /** Milliseconds that one try may take. Default 600,000: an hour of audio takes minutes. */
  readonly timeoutMs?: number;
  /** How often a 429, a 5xx or a broken connection is tried again. Default 4. */
  readonly retries?: number;
}

const QUERY = {
  wordTimestamps: 'word_timestamps',
  diarize: 'diarize',
  redactPii: 'redact_pii',
  redactPci: 'redact_pci',
  genderDetection: 'gender_detection',
  emotionDetection: 'emotion_detection',
  webhookUrl: 'webhook_url',
  webhookMethod: 'webhook_method',
  webhookExtra: 'webhook_extra',
} as const;

/** @throws PulseError `bad_options` that lists all faults. */
export function checkBatchOptions(options: PulseBatchOptions): void {
  const faults: string[] = [];
  const language = options.language ?? 'en';
  const pro = options.model === 'pulse-pro';
  if (!/^[\x21-\x7e]+$/.test(options.apiKey)) {
    faults.push('apiKey takes the API key: printable characters without spaces');
  }
  if (options.baseUrl !== undefined && !/^https?:\/\//.test(options.baseUrl)) {
    faults.push('baseUrl takes an http or https address');
  }
  if (options.model !== undefined && !['pulse', 'pulse-pro'].includes(options.model)) {
    faults.push('model takes pulse or pulse-pro');
  }
  if (pro && normaliseLanguage(language, 'batch') !== 'en') {
    faults.push('language of pulse-pro is en: it knows English only');
  } else if (normaliseLanguage(language, 'batch') === undefined) {
    faults.push(`language is not one of Pulse batch, which has ${LANGUAGES.batch.join(' ')}`);
  }
  if (!pro && (options.webhookUrl ?? options.webhookMethod ?? options.webhookExtra) !== undefined) {
    faults.push('webhookUrl, webhookMethod and webhookExtra are for pulse-pro');
  }
  if (options.webhookUrl !== undefined && !parseUrl(options.webhookUrl)) {
    faults.push('webhookUrl takes an address');
  }
  if (faults.length > 0) throw new PulseError('bad_options', `${faults.join('; ')}.`);
}

export function batchQuery(options: PulseBatchOptions): URLSearchParams {
  const query = new URLSearchParams({
    model: options.model ?? 'pulse',
    language: normaliseLanguage(options.language ?? 'en', 'batch') ?? 'en',
    word_timestamps: 'true',
  });
  for (const name of Object.keys(QUERY) as (keyof typeof QUERY)[]) {
    const value = options[name];
    if (value !== undefined) query.set(QUERY[name], String(value));
  }
  return query;
}
