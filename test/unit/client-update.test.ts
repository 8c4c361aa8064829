import { expect, test } from 'vitest';
import {
  parseCaptionMessage,
  parseTranscriptionEvent,
  parseTranscriptionStream,
} from '../../src/client/caption-update.js';

const MESSAGE = {
  v: 1,
  type: 'caption',
  id: 's1',
  rev: 3,
  final: false,
  text: 'so the plan is',
  settled: 11,
  language: 'en',
  speaker: { identity: 'alice', name: 'Alice Ng', label: 'Alice Ng' },
  track: { sid: 'TR_1', source: 'microphone' },
  start: 12_340,
  end: 13_910,
  epoch: 1_795_400_000_000,
};

const parse = (message: unknown) =>
  parseCaptionMessage(new TextEncoder().encode(JSON.stringify(message)));

const stream = (
  attributes: Record<string, string>,
  more: Partial<Parameters<typeof parseTranscriptionStream>[0]> = {},
) =>
  parseTranscriptionStream({
    attributes,
    identity: 'alice',
    name: 'Alice Ng',
    text: 'so',
    order: 7,
    ...more,
  });

test('reads a data message', () => {
  expect(parse({ ...MESSAGE, later: 'field' })).toEqual({
    via: 'data',
    id: 's1',
    rev: 3,
    revShared: true,
    final: false,
    text: 'so the plan is',
    settled: 11,
    language: 'en',
    speaker: { identity: 'alice', label: 'Alice Ng', voice: 'alice' },
    start: 12_340,
    end: 13_910,
    epoch: 1_795_400_000_000,
  });
});

test.each([
  ['nothing said', undefined, false, 0],
  ['more than there is', 99, false, 14],
  ['a negative count', -1, false, 0],
  ['a fraction', 1.5, false, 0],
  ['text', '11', false, 0],
  ['a final', 3, true, 14],
])('settled: %s', (_what, settled, final, units) => {
  expect(parse({ ...MESSAGE, settled, final })?.settled).toBe(units);
});

test('the settled part never ends within a character', () => {
  expect(parse({ ...MESSAGE, text: 'a😀b', settled: 2 })?.settled).toBe(1);
  expect(parse({ ...MESSAGE, text: 'a😀b', settled: 3 })?.settled).toBe(3);
});

test.each([
  ['another type', { ...MESSAGE, type: 'status' }],
  ['another version', { ...MESSAGE, v: 2 }],
  ['no id', { ...MESSAGE, id: '' }],
  ['a huge id', { ...MESSAGE, id: 'x'.repeat(1000) }],
  ['a revision that is none', { ...MESSAGE, rev: '3' }],
  ['a text that is none', { ...MESSAGE, text: null }],
  ['nobody', { ...MESSAGE, speaker: 'alice' }],
  ['null', null],
  ['a list', [MESSAGE]],
])('%s is ignored', (_what, message) => {
  expect(parse(message)).toBeUndefined();
});

test('what is not JSON is ignored', () => {
  expect(parseCaptionMessage(new Uint8Array([0xff, 0x00, 0x7b]))).toBeUndefined();
});

test('what is only odd is left out, and a long text cut', () => {
  const odd = parse({
    ...MESSAGE,
    text: 'x'.repeat(20_000),
    language: '"><script>',
    epoch: 'yesterday',
    speaker: { identity: 'alice' },
  });
  expect(odd).toMatchObject({
    language: undefined,
    epoch: undefined,
    speaker: { label: 'alice', voice: 'alice' },
  });
  expect(odd?.text).toHaveLength(5000);
});

test('people at one microphone are voices of their own', () => {
  const voices = ['Room 4 (speaker 1)', 'Room 4 (speaker 2)'].map(
    (label) =>
      parse({ ...MESSAGE, speaker: { identity: 'room-4', name: 'Room 4', label } })?.speaker.voice,
  );
  expect(new Set([...voices, 'room-4']).size).toBe(3);
});

test('reads a text stream of the captioner', () => {
  expect(
    stream({
      'lk.segment_id': 's1',
      'lk.transcription_final': 'true',
      'captions.rev': '4',
      'captions.language': 'de-CH',
      'captions.speaker': 'Alice Ng',
      'captions.start': '12340',
      'captions.end': '13910.5',
    }),
  ).toEqual({
    via: 'stream',
    id: 's1',
    rev: 4,
    revShared: true,
    final: true,
    text: 'so',
    settled: 2,
    language: 'de-CH',
    speaker: { identity: 'alice', label: 'Alice Ng', voice: 'alice' },
    start: 12_340,
    end: 13_910.5,
    epoch: undefined,
  });
});

test('reads a text stream of any LiveKit agent, in the order of arrival', () => {
  const plain = { 'lk.segment_id': 's1', 'lk.transcription_final': 'false' };
  expect(stream(plain)).toMatchObject({
    rev: 7,
    revShared: false,
    final: false,
    settled: 0,
    speaker: { label: 'Alice Ng' },
  });
  expect(stream(plain, { name: undefined })?.speaker.label).toBe('alice');
  expect(stream(plain, { name: '' })?.speaker.label).toBe('alice');
  expect(stream({})).toBeUndefined();
});

test('a time that is none is left out', () => {
  const odd = { 'lk.segment_id': 's1', 'captions.start': 'soon', 'captions.end': '' };
  expect(stream(odd)).toMatchObject({ start: undefined, end: undefined });
});

test('reads a transcription event, also of somebody who has left', () => {
  const event = { id: 's1', text: 'so', final: false, language: 'en', startTime: 5, endTime: 9 };
  const alice = { identity: 'alice', name: 'Alice Ng' };
  expect(parseTranscriptionEvent(event, alice, 3)).toEqual({
    via: 'event',
    id: 's1',
    rev: 3,
    revShared: false,
    final: false,
    text: 'so',
    settled: 0,
    language: 'en',
    speaker: { identity: 'alice', label: 'Alice Ng', voice: 'alice' },
    start: 5,
    end: 9,
    epoch: undefined,
  });
  expect(
    parseTranscriptionEvent({ ...event, startTime: 0, endTime: 0 }, undefined, 0),
  ).toMatchObject({ start: undefined, end: undefined, speaker: { identity: '', label: '' } });
  expect(parseTranscriptionEvent({ ...event, id: '' }, alice, 0)).toBeUndefined();
});
