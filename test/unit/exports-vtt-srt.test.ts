import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layOut } from '../../src/transcript/exports/cues.js';
import { formatCues, type Heading } from '../../src/transcript/exports/format-cues.js';
import { oneLine, type Passage } from '../../src/transcript/exports/passage.js';
import { anyPassages, passage, speaker } from '../support/passages.js';
import { parseSubtitles } from '../support/subtitle-parser.js';

const HEADING = { title: 'Standup' };

const toWebVtt = (passages: readonly Passage[], heading: Heading) =>
  [...formatCues(passages, 'vtt', heading)].join('');
const toSubRip = (passages: readonly Passage[]) =>
  [...formatCues(passages, 'srt', HEADING)].join('');

describe('WebVTT', () => {
  test('a file has its title and language in a note, and cues with ids, times and voices', () => {
    const text = toWebVtt(
      [
        passage('Second.', { id: 'b', start: 2000, end: 3500, speaker: speaker('Bob') }),
        passage('Troisième.', { id: 'c', start: 4000, end: 5000, language: 'fr' }),
        passage('First.', { id: 'a', start: 12, end: 1999.6 }),
      ],
      HEADING,
    );
    expect(text).toBe(
      [
        'WEBVTT',
        '',
        'NOTE',
        'Standup',
        'Language: en',
        '',
        'a',
        '00:00:00.012 --> 00:00:02.000',
        '<v Alice>First.',
        '',
        'b',
        '00:00:02.000 --> 00:00:03.500',
        '<v Bob>Second.',
        '',
        'c',
        '00:00:04.000 --> 00:00:05.000',
        '<v Alice><lang fr>Troisième.</lang>',
        '',
      ].join('\n'),
    );
  });

  test('a room in which nobody spoke gives a valid file', () => {
    expect(toWebVtt([], { title: '' })).toBe('WEBVTT\n');
  });

  test.each([
    ['the last millisecond of an hour', 3_599_999, '00:59:59.999'],
    ['a day', 86_400_000, '24:00:00.000'],
    ['more than a day', 90_061_001, '25:01:01.001'],
    ['a hundred hours', 360_000_000, '100:00:00.000'],
  ])('times: %s', (_, start, from) => {
    expect(toWebVtt([passage('Hello.', { start })], HEADING)).toContain(`${from} --> `);
  });

  test.each([
    ['markup', passage('a < b && b > a'), '<v Alice>a &lt; b &amp;&amp; b &gt; a'],
    [
      'line breaks, and what would end a cue',
      passage('one\n\n00:00:01.000 --> 00:00:02.000\ntwo'),
      '<v Alice>one 00:00:01.000 --&gt; 00:00:02.000 two',
    ],
    [
      'a name with markup',
      passage('Hello.', { speaker: speaker('<script>alert(1)</script> & co') }),
      '<v &lt;script&gt;alert(1)&lt;/script&gt; &amp; co>Hello.',
    ],
    [
      'a name that ends its tag',
      passage('Hello.', { speaker: speaker('A> </v><v B') }),
      '<v A&gt; &lt;/v&gt;&lt;v B>Hello.',
    ],
    ['a name of two lines', passage('Hello.', { speaker: speaker('A\n\nB') }), '<v A B>Hello.'],
    ['no label', passage('Hello.', { speaker: speaker('', 'alice') }), '<v alice>Hello.'],
    ['no name at all', passage('Hello.', { speaker: speaker(' ', '\n') }), '<v Unknown>Hello.'],
    ['right to left', passage('هل أنت بخير؟'), '<v Alice>هل أنت بخير؟'],
    ['what turns text around', passage('\u202Eabc\u2066'), '<v Alice>abc'],
    ['half a character', passage('a\uD800b'), '<v Alice>a\uFFFDb'],
  ])('escapes %s', (_, one, lines) => {
    expect(toWebVtt([one], HEADING).split(/--> .*\n/)[1]).toBe(`${lines}\n`);
  });

  test.each([
    ['x\n00:00 --> 00:01', 'x_00:00_--_00:01'],
    ['NOTE', '_NOTE'],
    ['', '_'],
  ])('a strange id cannot be taken for anything else: %j', (id, name) => {
    expect(toWebVtt([passage('Hello.', { id })], HEADING)).toContain(`\n\n${name}\n00:00:00.000`);
  });

  test('a strange title or language cannot end the note', () => {
    const title = 'a\n\n00:00 --> 00:09\n<b>';
    const text = toWebVtt([passage('Hello.', { language: 'en\n\nx' })], { title });
    expect(text.split('\n').slice(0, 6)).toEqual([
      'WEBVTT',
      '',
      'NOTE',
      'a 00:00 —> 00:09 <b>',
      '',
      'SG_1',
    ]);
    expect(text).toContain('<v Alice>Hello.');
  });
});

describe('SubRip', () => {
  test('a file has numbered cues, each with the name of its speaker', () => {
    const bob = { start: 360_000_000, end: 360_001_500, speaker: speaker('Bob') };
    expect(toSubRip([passage('Later.', bob), passage('First.', { end: 1500.4 })])).toBe(
      '1\n00:00:00,000 --> 00:00:01,500\nAlice: First.\n\n2\n100:00:00,000 --> 100:00:01,500\nBob: Later.\n',
    );
  });

  test('a long name leaves half of the line to what is said', () => {
    const long = speaker('The honourable member for the city of London');
    expect(toSubRip([passage('Order! Order!', { speaker: long })])).toContain(
      '\nThe honourable memb…: Order! Order!\n',
    );
  });

  test('nothing in a text is a tag or a time to a player', () => {
    const text = toSubRip([passage('{\\an8}<b>a</b> 1 < 2 00:00:01,000 --> 00:00:02,000')]);
    expect(text.split('\n').slice(2).join('\n')).toBe(
      'Alice: (\\an8}‹b>a‹/b> 1 < 2\n00:00:01,000 —> 00:00:02,000\n',
    );
  });
});

describe('read by a parser of somebody else, whatever was said', () => {
  const plain = (text: string) =>
    text
      .replace(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  const letters = (texts: readonly string[]) => texts.join('').replace(/\s+/g, '');

  test('WebVTT has each cue with its times, its speaker and its lines', () => {
    fc.assert(
      fc.property(anyPassages, (passages) => {
        const cues = layOut(passages);
        const { entries } = parseSubtitles(toWebVtt(passages, HEADING));
        expect(
          entries.map(({ id, from, to, text }) => {
            const voice = /^<v ([^>]*)>/.exec(text)?.[1] ?? '';
            return {
              id,
              start: from,
              end: to,
              label: plain(voice),
              lines: plain(text).split('\n'),
            };
          }),
        ).toEqual(
          cues.map(({ id, start, end, label, lines }) => ({ id, start, end, label, lines })),
        );
      }),
    );
  });

  test('SubRip has each cue with its times, and all that was said', () => {
    fc.assert(
      fc.property(anyPassages, (passages) => {
        const { entries } = parseSubtitles(toSubRip(passages));
        const starts = entries.map(({ from }) => from);
        expect(starts).toEqual(starts.toSorted((one, other) => one - other));
        const said = entries.map(({ text }) => text.slice(text.indexOf(': ') + 2));
        const sorted = (texts: readonly string[]) => Array.from(letters(texts)).sort().join('');
        const tagless = (text: string) =>
          oneLine(text)
            .replace(/<(?=[a-z/])/gi, '‹')
            .replaceAll('{\\', '(\\')
            .replaceAll('-->', '—>');
        expect(sorted(said)).toBe(sorted(passages.map(({ text }) => tagless(text))));
        expect(entries.map(({ id }) => id)).toEqual(entries.map((_, index) => String(index + 1)));
      }),
    );
  });
});
