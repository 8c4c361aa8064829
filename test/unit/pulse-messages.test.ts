import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseServerMessage } from '../../src/pulse/messages.js';

const transcript = {
  type: 'transcript',
  text: '',
  isFinal: false,
  isLast: false,
  fromFinalize: undefined,
  speechFinal: false,
  words: [],
  utterances: [],
  language: undefined,
  languages: [],
  redactedEntities: [],
};

describe('a message of the server', () => {
  test.each([
    [
      'a final with everything',
      {
        type: 'transcription',
        status: 'success',
        session_id: 's',
        transcript: 'Hi [NAME_1].',
        is_final: true,
        is_last: true,
        from_finalize: true,
        speech_final: true,
        language: 'en',
        languages: ['en', 'fr'],
        words: [
          { word: 'Hi', start: 0.5, end: 0.75, confidence: 0.9, speaker: 1, speaker_confidence: 1 },
          { word: '[NAME_1].', start: 0.8, end: 1.25, confidence: 0.8, speaker: 'speaker_2' },
        ],
        utterances: [{ text: 'Hi [NAME_1].', start: 0.5, end: 1.25, speaker: 1 }],
        redacted_entities: ['[NAME_1]'],
        new_field: { x: 1 },
      },
      {
        ...transcript,
        text: 'Hi [NAME_1].',
        isFinal: true,
        isLast: true,
        fromFinalize: true,
        speechFinal: true,
        words: [
          { text: 'Hi', start: 500, end: 750, confidence: 0.9, speaker: '1' },
          { text: '[NAME_1].', start: 800, end: 1250, confidence: 0.8, speaker: '2' },
        ],
        utterances: [{ text: 'Hi [NAME_1].', start: 500, end: 1250, speaker: '1' }],
        language: 'en',
        languages: ['en', 'fr'],
        redactedEntities: ['[NAME_1]'],
      },
    ],
    [
      'text by the other name',
      { type: 'transcription', transcription: 'so' },
      { ...transcript, text: 'so' },
    ],
    [
      'both names, one empty',
      { type: 'transcription', transcript: '', transcription: 'so' },
      { ...transcript, text: 'so' },
    ],
    ['no type', { transcript: 'so' }, { ...transcript, text: 'so' }],
    [
      'one bad word among good ones',
      {
        type: 'transcription',
        transcript: 'a b',
        words: [{ word: 'a', start: 0, end: 1 }, { word: 'b' }, 7],
      },
      {
        ...transcript,
        text: 'a b',
        words: [{ text: 'a', start: 0, end: 1000, confidence: undefined, speaker: undefined }],
      },
    ],
    [
      'fields of the wrong type',
      { type: 'transcription', transcript: 5, is_final: 'yes', words: 'no', language: 3 },
      transcript,
    ],
    ['speech', { type: 'speech_started', timestamp: 1.5 }, { type: 'speech_started', at: 1500 }],
    [
      'times that no connection has',
      {
        type: 'transcription',
        transcript: 'a b',
        words: [
          { word: 'a', start: 1e308, end: 1e308 },
          { word: 'b', start: 1, end: 2 },
        ],
      },
      {
        ...transcript,
        text: 'a b',
        words: [{ text: 'b', start: 1000, end: 2000, confidence: undefined, speaker: undefined }],
      },
    ],
    ['speech without a time', { type: 'speech_ended' }, { type: 'speech_ended', at: undefined }],
    [
      'an error',
      { type: 'error', status: 'error', message: 'no' },
      { type: 'error', message: 'no', requestId: undefined },
    ],
    [
      'the other error',
      { error: 'no', request_id: 'r' },
      { type: 'error', message: 'no', requestId: 'r' },
    ],
    ['a pong', { type: 'pong' }, { type: 'pong' }],
    ['an unknown type', { type: 'weather' }, { type: 'unknown' }],
    ['an array', [1], { type: 'unknown' }],
  ])('%s', (_, wire, expected) => {
    expect(parseServerMessage(JSON.stringify(wire))).toEqual(expected);
  });

  test('junk never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (data) => {
        expect(parseServerMessage(data).type).toBeTypeOf('string');
      }),
    );
    const keys = fc.constantFrom('type', 'transcript', 'words', 'is_final', 'timestamp', 'error');
    const types = fc.constantFrom('transcription', 'speech_ended', 'error', 'pong');
    const message = fc.dictionary(keys, fc.oneof(types, fc.jsonValue()));
    fc.assert(
      fc.property(message, (wire) => {
        expect(parseServerMessage(JSON.stringify(wire)).type).toBeTypeOf('string');
      }),
      { numRuns: 1000 },
    );
  });
});
