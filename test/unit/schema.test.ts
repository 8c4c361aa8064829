import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { decodeMessage, encodeMessage, toMessage } from '../../src/captions/schema.js';

const caption: Caption = {
  id: 'SG_1',
  rev: 2,
  final: true,
  text: 'so the plan is',
  settled: 14,
  language: 'en',
  speaker: { identity: 'alice', name: 'Alice Ng', label: 'Alice Ng' },
  track: { sid: 'TR_1', source: 'microphone' },
  start: 12_340,
  end: 13_910,
  epoch: 1_795_400_000_000,
  words: [
    { text: 'so', start: 12_340, end: 12_510, confidence: 0.98, speaker: '2' },
    { text: 'the', start: 12_520, end: 12_600 },
  ],
};

test('a message is what the contract says, and nothing else', () => {
  expect(JSON.parse(new TextDecoder().decode(encodeMessage(caption)))).toEqual({
    v: 1,
    type: 'caption',
    id: 'SG_1',
    rev: 2,
    final: true,
    text: 'so the plan is',
    settled: 14,
    language: 'en',
    speaker: { identity: 'alice', name: 'Alice Ng', label: 'Alice Ng' },
    track: { sid: 'TR_1', source: 'microphone' },
    start: 12_340,
    end: 13_910,
    epoch: 1_795_400_000_000,
    words: [
      { text: 'so', start: 12_340, end: 12_510, confidence: 0.98 },
      { text: 'the', start: 12_520, end: 12_600 },
    ],
  });
});

const message = toMessage(caption);
const least = Object.fromEntries(
  Object.entries(message).filter(([field]) => field !== 'settled' && field !== 'words'),
);

test.each([
  [
    'fields that it does not know',
    { ...message, mood: 'calm', speaker: { ...message.speaker, age: 7 } },
    message,
  ],
  ['a message without the optional fields', least, least],
  [
    'a source that it does not know',
    { ...least, track: { sid: 'T', source: 'phone' } },
    { ...least, track: { sid: 'T', source: 'unknown' } },
  ],
  ['words that are no words', { ...least, words: ['so'] }, { ...least, words: undefined }],
])('a reader takes %s', (_, sent, read) => {
  expect(decodeMessage(JSON.stringify(sent))).toEqual(read);
});

test.each([
  ['another type', { ...message, type: 'state' }],
  ['a later version', { ...message, v: 2 }],
  ['no id', { ...message, id: undefined }],
  ['an empty id', { ...message, id: '' }],
  ['a text that is no text', { ...message, text: 7 }],
  ['a revision that is none', { ...message, rev: -1 }],
  ['no speaker', { ...message, speaker: 'alice' }],
  ['a list', [message]],
  ['nothing', null],
])('a reader leaves out %s', (_, sent) => {
  expect(decodeMessage(JSON.stringify(sent))).toBeUndefined();
});

test('a reader leaves out what is not JSON or not UTF-8', () => {
  expect(decodeMessage('{"v":1')).toBeUndefined();
  expect(decodeMessage(new Uint8Array())).toBeUndefined();
  expect(decodeMessage(new Uint8Array([0xff, 0xfe, 0x00]))).toBeUndefined();
});

test('from a long message the words go first, then the end of the text', () => {
  const words = Array.from({ length: 600 }, () => ({ text: 'word', start: 1, end: 2 }));
  expect(decodeMessage(encodeMessage({ ...caption, words }))).toEqual({ ...least, settled: 14 });

  const text = '👩‍👩‍👧"'.repeat(2000);
  const bytes = encodeMessage({ ...caption, text, settled: text.length, words });
  expect(bytes.length).toBeLessThanOrEqual(15_000);
  expect(bytes.length).toBeGreaterThan(14_900);
  const read = decodeMessage(bytes);
  expect(read?.words).toBeUndefined();
  expect(read?.text).toMatch(/^(👩‍👩‍👧")+(👩‍👩‍👧)?$/u);
  expect(read?.settled).toBe(read?.text.length);
});

test('whatever is said by whomever, a message fits and is read again', () => {
  const wild = fc.string({ unit: 'binary', maxLength: 20_000, size: 'max' });
  fc.assert(
    fc.property(wild, wild, wild, (text, name, label) => {
      const speaker = { identity: 'alice', name, label };
      const bytes = encodeMessage({ ...caption, text, settled: text.length, speaker });
      expect(bytes.length).toBeLessThanOrEqual(15_000);
      const read = decodeMessage(bytes);
      expect(read?.id).toBe('SG_1');
      expect(text.startsWith(read?.text ?? '?')).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('what fits is read again as it was', () => {
  const some = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(some, some, (text, name) => {
      const one = { ...caption, text, settled: text.length, speaker: { ...caption.speaker, name } };
      expect(decodeMessage(encodeMessage(one))).toEqual(toMessage(one));
    }),
  );
});
