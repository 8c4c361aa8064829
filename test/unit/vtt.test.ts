import { expect, test } from 'vitest';
import { toWebVtt, type Cue } from '../../src/transcript/exports/webvtt.js';

function cue(rest: Partial<Cue> = {}): Cue {
  const speaker = { identity: 'alice', name: 'Alice', label: 'Alice' };
  return { id: 'SG_1', text: 'Hello.', start: 0, end: 1000, speaker, ...rest };
}

function speaker(label: string, identity = 'x'): Cue['speaker'] {
  return { identity, name: label, label };
}

test('a file has a cue for each segment, in the order of their beginnings', () => {
  const text = toWebVtt([
    cue({ id: 'b', start: 2000, end: 2500, text: 'Second.', speaker: speaker('Bob') }),
    cue({ id: 'c', start: 2000, end: 3000, text: 'Third.' }),
    cue({ id: 'a', start: 12, end: 1999.6, text: 'First.' }),
  ]);
  expect(text).toBe(
    [
      'WEBVTT',
      '',
      'a',
      '00:00:00.012 --> 00:00:02.000',
      '<v Alice>First.',
      '',
      'b',
      '00:00:02.000 --> 00:00:02.500',
      '<v Bob>Second.',
      '',
      'c',
      '00:00:02.000 --> 00:00:03.000',
      '<v Alice>Third.',
      '',
    ].join('\n'),
  );
});

test('a room in which nobody spoke gives a valid file', () => {
  expect(toWebVtt([])).toBe('WEBVTT\n');
});

test.each([
  ['the last millisecond of an hour', 3_599_999, '00:59:59.999'],
  ['a day', 86_400_000, '24:00:00.000'],
  ['more than a day', 90_061_001, '25:01:01.001'],
  ['a hundred hours', 360_000_000, '100:00:00.000'],
])('times: %s', (_, start, shown) => {
  expect(toWebVtt([cue({ start, end: start + 1 })])).toContain(`\n${shown} --> `);
});

test.each([
  ['no length', 1000, 1000, '00:00:01.000 --> 00:00:01.001'],
  ['an end before the beginning', 1000, 400, '00:00:01.000 --> 00:00:01.001'],
  ['a beginning before the clock', -500, 400, '00:00:00.000 --> 00:00:00.400'],
])('times: %s', (_, start, end, shown) => {
  expect(toWebVtt([cue({ start, end })])).toContain(`\n${shown}\n`);
});

test.each([
  [
    'markup',
    cue({ text: '<b>bold</b> & "so" --> on' }),
    '<v Alice>&lt;b&gt;bold&lt;/b&gt; &amp; "so" --&gt; on',
  ],
  [
    'line breaks',
    cue({ text: 'one\r\n\n00:00:01.000 --> 00:00:02.000\u0000two' }),
    '<v Alice>one 00:00:01.000 --&gt; 00:00:02.000 two',
  ],
  [
    'a name with markup',
    cue({ speaker: speaker('<script>alert(1)</script> & co') }),
    '<v &lt;script&gt;alert(1)&lt;/script&gt; &amp; co>Hello.',
  ],
  [
    'a name that ends its tag',
    cue({ speaker: speaker('A> </v><v B') }),
    '<v A&gt; &lt;/v&gt;&lt;v B>Hello.',
  ],
  ['a name of two lines', cue({ speaker: speaker('A\n\nB') }), '<v A B>Hello.'],
  ['no label', cue({ speaker: speaker('', 'alice') }), '<v alice>Hello.'],
  ['no name at all', cue({ speaker: speaker(' ', '\n') }), '<v Unknown>Hello.'],
  ['right to left', cue({ text: 'هل أنت بخير؟' }), '<v Alice>هل أنت بخير؟'],
])('escapes %s', (_, one, line) => {
  expect(toWebVtt([one]).split('\n')).toEqual([
    'WEBVTT',
    '',
    'SG_1',
    '00:00:00.000 --> 00:00:01.000',
    line,
    '',
  ]);
});

test('a strange id cannot be taken for the times', () => {
  expect(toWebVtt([cue({ id: 'x\n00:00 --> 00:01' })]).split('\n')[2]).toBe('x 00:00 -- 00:01');
});

test('captions that were taken away are not in it', () => {
  expect(toWebVtt([cue({ text: '' }), cue({ text: ' ' })])).toBe('WEBVTT\n');
});
