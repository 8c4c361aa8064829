import { describe, expect, test } from 'vitest';
import {
  LANGUAGES,
  normaliseLanguage,
  PulseError,
  PulseStream,
  STT,
  streamOptionFaults,
  streamOptionsFromEnv,
  type PulseRecognition,
} from '../../src/pulse/index.js';
import { streamQuery } from '../../src/pulse/options.js';

describe('languages', () => {
  test.each([
    ['en-US', 'streaming', 'en'],
    ['PT_br', 'streaming', 'pt'],
    ['yue', 'streaming', 'yue'],
    ['yue-HK', 'streaming', 'yue'],
    ['zh-Hant-TW', 'streaming', 'zh'],
    ['auto', 'streaming', 'multi'],
    ['multi-asian', 'streaming', 'multi-asian'],
    ['north_indic', 'streaming', 'north_indic'],
    ['uk', 'streaming', undefined],
    ['uk-UA', 'batch', 'uk'],
    ['yue', 'batch', undefined],
    ['multi-eu', 'batch', 'multi-eu'],
    ['', 'streaming', undefined],
    ['x'.repeat(10_000), 'streaming', undefined],
  ] as const)('%s for %s is %s', (code, mode, expected) => {
    expect(normaliseLanguage(code, mode)).toBe(expected);
  });
});

describe('options', () => {
  test('one that is left out is not sent, but for what the API or the replay needs', () => {
    expect(streamQuery({}).toString()).toBe(
      'model=pulse&language=en&word_timestamps=true&sample_rate=16000',
    );
  });

  test('each goes by its own name', () => {
    const options: Required<PulseRecognition> = {
      language: 'en-GB',
      encoding: 'mulaw',
      sampleRate: 8000,
      wordTimestamps: true,
      sentenceTimestamps: true,
      fullTranscript: true,
      diarize: true,
      vadEvents: true,
      endpointing: false,
      endpointingTimeout: 300,
      eouTimeoutMs: 1200,
      finalizeOnWords: false,
      maxWords: 12,
      format: true,
      punctuate: true,
      capitalize: false,
      itnNormalize: true,
      numerals: 'auto',
      redactPii: true,
      redactPci: true,
      keywords: 'Blackwell:1,Jensen Huang:2',
      externalSessionId: 'room-1.a',
    };
    expect(streamOptionFaults(options)).toEqual([]);
    expect(Object.fromEntries(streamQuery(options))).toEqual({
      model: 'pulse',
      language: 'en',
      encoding: 'mulaw',
      sample_rate: '8000',
      word_timestamps: 'true',
      sentence_timestamps: 'true',
      full_transcript: 'true',
      diarize: 'true',
      vad_events: 'true',
      endpointing: 'false',
      endpointing_timeout: '300',
      eou_timeout_ms: '1200',
      finalize_on_words: 'false',
      max_words: '12',
      format: 'true',
      punctuate: 'true',
      capitalize: 'false',
      itn_normalize: 'true',
      numerals: 'auto',
      redact_pii: 'true',
      redact_pci: 'true',
      keywords: 'Blackwell:1,Jensen Huang:2',
      external_session_id: 'room-1.a',
    });
  });

  test('all faults are listed at once, by name, before anything connects', () => {
    const bad = {
      language: 'xx',
      sampleRate: 12_345,
      eouTimeoutMs: 50,
      endpointingTimeout: 1.5,
      maxWords: 0,
      keywords: 'ok:1,:2',
      externalSessionId: 'a b',
      nonsense: true,
    };
    const faults = streamOptionFaults(bad);
    expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual(Object.keys(bad).sort());
    const open = (): PulseStream =>
      new PulseStream({ apiKey: '', baseUrl: 'ftp://x', ...bad }, { onEvent: () => undefined });
    expect(open).toThrow(PulseError);
    for (const name of [...Object.keys(bad), 'apiKey', 'baseUrl']) expect(open).toThrow(name);
  });

  test('a refused language comes with the list of what there is', () => {
    expect(streamOptionFaults({ language: 'uk' })[0]).toContain(LANGUAGES.streaming.join(' '));
  });

  test('the environment sets them by their names in capitals; faults name the variable', () => {
    const { options, faults } = streamOptionsFromEnv({
      PULSE_LANGUAGE: 'fr',
      PULSE_EOU_TIMEOUT_MS: '1500',
      PULSE_DIARIZE: 'true',
      PULSE_KEYWORDS: '',
      PULSE_FORMAT: 'yes',
      PULSE_MAX_WORDS: 'many',
    });
    expect(options).toEqual({ language: 'fr', eouTimeoutMs: 1500, diarize: true });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PULSE_MAX_WORDS', 'PULSE_FORMAT']);
  });

  test('the plugin says what is wrong when it is made, and never repeats the key', () => {
    const key = 'sk secret';
    expect(() => new STT({ apiKey: key })).toThrow(/apiKey takes/);
    expect(() => new STT({ apiKey: key })).not.toThrow(/secret/);
  });
});
