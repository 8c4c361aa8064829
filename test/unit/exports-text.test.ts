import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/transcript/exports/formats.js';
import { formatTranscript } from '../../src/transcript/exports/index.js';
import { mergeParts } from '../../src/transcript/merge.js';
import type { JournalRecord } from '../../src/transcript/records.js';
import { closed, event, part, segment } from '../support/journal-parts.js';
import { anyText, speaker } from '../support/passages.js';

const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
const bob = { speaker: speaker('Bob', 'bob'), track: { sid: 'TR_2', source: 'microphone' } };
const lost = (start: number, end: number, track = 'TR_2', identity = 'bob') =>
  ({ v: 1, type: 'gap', track, identity, start, end }) as const;

function call(...records: JournalRecord[]) {
  return mergeParts([part('/srv/RM_1_x.jsonl', EPOCH, records)]);
}

const meeting = call(
  event('joined', 'alice', 0, 'Alice'),
  event('joined', 'bob', 1000, 'Bob'),
  event('joined', 'carol', 2000, 'Carol'),
  segment('1', 'So the plan is good.', { start: 1000 }),
  segment('2', 'I think so.', { start: 2500 }),
  segment('3', 'Je ne sais pas.', { start: 4000, language: 'fr', ...bob }),
  lost(5000, 9000),
  segment('4', 'We go on, then.', { start: 10_000 }),
  segment('5', 'After a while.', { start: 40_000 }),
  event('left', 'bob', 50_000),
  closed(60_000),
);

test('plain text has what one wants to know first, and paragraphs by speaker', () => {
  expect(formatTranscript(meeting, 'txt')).toBe(`Standup
Date: 2026-11-23 08:24 UTC
Length: 00:01:00
Languages: en, fr
Alice: spoke 00:00:04, there 00:00:00–00:01:00
Bob: spoke 00:00:01, there 00:00:01–00:00:50
Carol: said nothing, there 00:00:02–00:01:00
Missing: 1 piece of audio, 4.0 s in all, lost before recognition

Alice (00:00:01)
So the plan is good. I think so.

Bob (00:00:04)
Je ne sais pas. [not recognised]

Alice (00:00:10)
We go on, then.

Alice (00:00:40)
After a while.
`);
});

test('Markdown has it as a heading, a list and paragraphs', () => {
  const text = formatTranscript(meeting, 'md');
  expect(text).toMatch(/^# Standup\n\n- Date: 2026-11-23 08:24 UTC\n- Length: 00:01:00\n/);
  expect(text).toContain('- Alice: spoke 00:00:04, there 00:00:00–00:01:00\n');
  expect(text).toContain(
    '\n\n**Bob** 00:00:04\n\nJe ne sais pas. \\[not recognised\\]\n\n**Alice**',
  );
});

test('JSON has all that is known, and no path of the machine', () => {
  expect(JSON.parse(formatTranscript(meeting, 'json'))).toEqual({
    v: 1,
    room: { name: 'Standup', sids: ['RM_1'] },
    epoch: EPOCH,
    end: 60_000,
    languages: ['en', 'fr'],
    speakers: [
      { identity: 'alice', label: 'Alice', talkMs: 4000 },
      { identity: 'bob', label: 'Bob', talkMs: 1000 },
    ],
    people: meeting.people,
    segments: meeting.segments.map((one) => ({ ...one, v: undefined, type: undefined })),
    gaps: [{ track: 'TR_2', identity: 'bob', start: 5000, end: 9000 }],
    parts: [{ ...meeting.parts[0], journal: 'RM_1_x.jsonl' }],
  });
});

describe('audio that nobody recognised', () => {
  const shownIn = (...records: JournalRecord[]) =>
    formatTranscript(call(...records), 'vtt')
      .split('\n\n')
      .filter((block) => block.includes('[not recognised]'))
      .map((block) => block.trimEnd().split('\n').slice(1));

  test('is shown where it was, as its speaker', () => {
    expect(shownIn(segment('3', 'Hello.', bob), lost(2000, 5000))).toEqual([
      ['00:00:02.000 --> 00:00:05.000', '<v Bob>[not recognised]'],
    ]);
  });

  test('is not shown where another captioner heard the same track, nor if it is short', () => {
    const heard = segment('3', 'Hello.', { ...bob, start: 2500 });
    expect(shownIn(heard, lost(2000, 5000), lost(3000, 6000), lost(8000, 8900))).toEqual([
      ['00:00:03.580 --> 00:00:06.000', '<v Bob>[not recognised]'],
    ]);
  });

  test('has the name of somebody of whom nothing else is known', () => {
    expect(shownIn(event('joined', 'zoe', 0, 'Zoë'), lost(0, 1500, 'TR_9', 'zoe'))).toEqual([
      ['00:00:00.000 --> 00:00:01.500', '<v Zoë>[not recognised]'],
    ]);
  });
});

test('who does not want to be captioned is in none of them', () => {
  const without = call(
    event('joined', 'mallory', 0, 'Mallory'),
    event('opted_out', 'mallory', 10),
    segment('1', 'Nobody heard this.', { speaker: speaker('Mallory', 'mallory'), start: 500 }),
    lost(2000, 9000, 'TR_3', 'mallory'),
    segment('2', 'Hello.'),
    closed(10_000),
  );
  for (const format of FORMATS) {
    const text = formatTranscript(without, format);
    expect(text).toContain('Hello.');
    expect(text).not.toMatch(/mallory|nobody heard|not recognised/i);
  }
});

test('voices at one microphone have their own lines below one person', () => {
  const voice = (id: string, label: string, start: number) =>
    segment(id, 'Hello there.', { start, speaker: { identity: 'room4', name: 'Room 4', label } });
  const text = formatTranscript(
    call(voice('1', 'Room 4 (speaker 1)', 0), voice('2', 'Room 4 (speaker 2)', 1000), closed(3000)),
    'txt',
  );
  expect(text).toContain(
    'Room 4: Room 4 (speaker 1) spoke 00:00:01, Room 4 (speaker 2) spoke 00:00:01\n',
  );
  expect(text).toContain('\nRoom 4 (speaker 2) (00:00:01)\nHello there.\n');
});

test('a room in which nothing happened', () => {
  for (const format of FORMATS)
    expect(formatTranscript(call(closed(0)), format)).not.toContain('undefined');
  expect(formatTranscript(call(closed(0)), 'srt')).toBe('');
  expect(JSON.parse(formatTranscript(call(closed(0)), 'json'))).toMatchObject({ segments: [] });
});

describe('Markdown', () => {
  const decoded = (html: string) =>
    html
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');

  /** The text of the first paragraph of what is said, as a reader of Markdown shows it. */
  function rendered(text: string, name = 'Alice') {
    const one = segment('1', text, { speaker: speaker(name, 'alice') });
    const html = marked.parse(formatTranscript(call(one, closed(1000)), 'md'), { async: false });
    return /<p>(.*)<\/p>\n<p>(.*)<\/p>/.exec(html)?.slice(1).map(decoded);
  }

  test.each([
    '# no heading',
    '- no list',
    '+ no list',
    '12. no list',
    '3) no list',
    '> no quote',
    '---',
    '===',
    '***',
    '```',
    '| no | table |',
    '<script>alert(1)</script> <!-- x',
    '[no link](https://example.org) ![](x)',
    'https://example.org and www.example.org and a@example.org',
    '*no* __emphasis__ ~~x~~ `code`',
    '&lt; &amp; &#60; \\',
    '[x]: https://example.org',
    '$x$ [^1] :::',
  ])('%s is text', (text) => {
    expect(rendered(text)).toEqual(['<strong>Alice</strong> 00:00:00', text]);
    expect(rendered('Hello.', text)).toEqual([`<strong>${text}</strong> 00:00:00`, 'Hello.']);
  });

  test('any text is text', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'grapheme' })), (any) => {
        // A letter so that there is always something to see, and the texts before it can be at a line's beginning.
        const [, text = ''] = rendered(`${any} x`) ?? [];
        expect(text).toMatch(/x$/);
        expect(text.replace(/\s/g, '')).toBe(written(`${any}x`));
      }),
    );
  });

  function written(text: string): string {
    return text
      .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '')
      .replace(/\p{Cs}/gu, '\uFFFD')
      .replace(/[\p{Cc}\s]/gu, '');
  }
});
