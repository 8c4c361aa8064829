import type { Parsed } from './live-query.js';
import { Parameters } from './parameters.js';

export interface BatchOptions {
  readonly model: 'pulse' | 'pulse-pro';
  readonly language: string;
  readonly wordTimestamps: boolean;
}

const LANGUAGES = [
  ...['en', 'hi', 'de', 'es', 'ru', 'it', 'fr', 'nl', 'pt', 'uk', 'pl', 'cs', 'sk', 'lv', 'et'],
  ...['ro', 'fi', 'sv', 'bg', 'hu', 'da', 'lt', 'mt', 'zh', 'ja', 'ko'],
  ...['multi-eu', 'multi-asian', 'multi-indic', 'multi'],
];

/** The query of `POST /stt/`. */
export function parseBatchQuery(query: URLSearchParams): Parsed<BatchOptions> {
  const given = new Parameters(query);
  const model =
    given.oneOf('model', ['pulse', 'pulse-pro']) === 'pulse-pro' ? 'pulse-pro' : 'pulse';
  const language = given.oneOf('language', model === 'pulse-pro' ? ['en'] : LANGUAGES);
  const wordTimestamps = given.flag('word_timestamps', false);
  for (const name of ['diarize', 'redact_pii', 'redact_pci']) given.flag(name, false);
  for (const name of ['gender_detection', 'emotion_detection']) given.flag(name, false);
  if (given.text('webhook_url') !== undefined) {
    given.faults.push('webhook_url is not known to this local stand-in');
  }
  const options: BatchOptions = { model, language, wordTimestamps };
  return given.faults.length === 0 ? { options } : { faults: given.faults };
}
