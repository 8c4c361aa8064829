import { Parameters } from './parameters.js';
import { answeredLanguage } from './wire-words.js';

export interface LiveOptions {
  readonly language: string;
  readonly sampleRate: number;
  readonly wordTimestamps: boolean;
  readonly sentenceTimestamps: boolean;
  readonly fullTranscript: boolean;
  readonly vadEvents: boolean;
  /** Silence that ends an utterance, made of the three parameters that the API has for it. */
  readonly silenceMs: number;
  readonly finalizeOnWords: boolean;
  readonly maxWords: number | undefined;
  readonly punctuate: boolean;
  readonly capitalize: boolean;
  /** What was asked for and is not done by any recogniser here. */
  readonly ignored: readonly string[];
}

export type Parsed<T> = { readonly options: T } | { readonly faults: readonly string[] };

const LANGUAGES = [
  ...['en', 'hi', 'de', 'es', 'ru', 'it', 'fr', 'nl', 'pt', 'zh', 'yue', 'ja', 'ko', 'gu', 'mr'],
  ...['or', 'bn', 'ta', 'te', 'kn', 'ml'],
  ...['north_indic', 'multi-asian', 'multi-south-indic', 'multi'],
];
const ENCODINGS = ['linear16', 'linear32', 'alaw', 'mulaw', 'opus', 'ogg_opus'];
const SAMPLE_RATES = ['8000', '16000', '22050', '24000', '44100', '48000'];

/** The query of `/stt/live`. Parameters that no recogniser here acts on are checked all the same. */
export function parseLiveQuery(query: URLSearchParams): Parsed<LiveOptions> {
  const given = new Parameters(query);
  const model = given.oneOf('model', ['pulse', 'pulse-pro']);
  if (model === 'pulse-pro') given.faults.push('model pulse-pro is for batch only');
  const language = given.oneOf('language', LANGUAGES);
  const encoding = given.oneOf('encoding', ENCODINGS, 'linear16');
  if (encoding !== 'linear16') {
    given.faults.push(`encoding ${encoding} is not known to this local stand-in: send linear16`);
  }
  const sampleRate = Number(given.oneOf('sample_rate', SAMPLE_RATES, '16000'));
  const endpointing = given.flag('endpointing', true);
  const endpointingMs = given.whole('endpointing_timeout', 600, 1, 10_000);
  const ceilingMs = given.whole('eou_timeout_ms', 800, 100, 10_000);
  const format = given.flag('format', true);
  const options: LiveOptions = {
    language,
    sampleRate,
    wordTimestamps: given.flag('word_timestamps', false),
    sentenceTimestamps: given.flag('sentence_timestamps', false),
    fullTranscript: given.flag('full_transcript', false),
    vadEvents: given.flag('vad_events', given.flag('vad', false)),
    silenceMs: endpointing ? Math.min(endpointingMs, ceilingMs) : ceilingMs,
    finalizeOnWords: given.flag('finalize_on_words', true),
    maxWords: given.optionalWhole('max_words', 1, 10_000),
    punctuate: given.flag('punctuate', true) && format,
    capitalize: given.flag('capitalize', true) && format,
    ignored: ignoredOptions(given, language),
  };
  return given.faults.length === 0 ? { options } : { faults: given.faults };
}

/** Checks them all the same. */
function ignoredOptions(given: Parameters, language: string): string[] {
  const flags = ['diarize', 'itn_normalize', 'redact_pii', 'redact_pci'];
  const ignored = flags.filter((name) => given.flag(name, false));
  given.oneOf('numerals', ['true', 'false', 'auto'], 'auto');
  const session = given.text('external_session_id');
  if (session !== undefined && !/^[A-Za-z0-9_.-]{1,128}$/.test(session)) {
    given.faults.push('external_session_id must be 1 to 128 of the characters A-Z a-z 0-9 _ . -');
  }
  const keywords = given.text('keywords');
  if (keywords !== undefined) ignored.push('keywords');
  if (keywords !== undefined && keywords.split(',').length > 10_000) {
    given.faults.push('keywords must be at most 10,000');
  }
  if (answeredLanguage(language) !== 'en') ignored.push(`language=${language}`);
  return ignored;
}
