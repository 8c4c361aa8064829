import { expect, test } from 'vitest';
import type { CaptionSegment } from '../../src/client/caption-store.js';
import { overlap } from '../../src/client/index.js';
import { layOut } from '../../src/client/layout.js';
import { COLOURS, GROUNDS } from '../../src/client/presets.js';
import { toWebVtt } from '../../src/devkit/page/web-vtt.js';

const EPOCH = 1_795_400_000_000;

function said(who: string, from: number, to: number, fields: Partial<CaptionSegment> = {}) {
  const text = fields.text ?? `${who} ${from}`;
  return {
    via: 'data',
    id: `${who} ${from}`,
    rev: 0,
    revShared: true,
    final: true,
    text,
    settled: text.length,
    language: 'en',
    speaker: { identity: who, label: who, voice: who },
    start: from,
    end: to,
    epoch: EPOCH,
    at: EPOCH + from,
    news: true,
    ...fields,
  } satisfies CaptionSegment;
}

const open = { final: false };

test.each([
  ['one after the other', said('a', 0, 1000), said('b', 1000, 2000), false],
  ['with times that touch', said('a', 0, 1200), said('b', 1000, 2000), false],
  ['at once', said('a', 0, 3000), said('b', 1000, 2000), true],
  ['the same voice', said('a', 0, 3000), said('a', 1000, 2000), false],
  [
    'both going on, without times',
    said('a', 0, 0, { ...open, start: undefined }),
    said('b', 500, 0, { ...open, start: undefined }),
    true,
  ],
])('overlap: %s', (_what, one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
  expect(overlap(other, one)).toBe(expected);
});

const look = (fresh: CaptionSegment[], mode: 'roll-up' | 'pop-on' = 'roll-up') =>
  layOut(fresh, { mode, lines: 3 }).map(({ segments, lines, overlapping }) => [
    segments.map(({ id }) => id).join(' + '),
    lines,
    ...(overlapping ? ['at once'] : []),
  ]);

test.each<[string, CaptionSegment[], unknown[]]>([
  ['nothing', [], []],
  ['one person', [said('a', 0, 900), said('a', 1000, 1900)], [['a 0 + a 1000', 3]]],
  [
    'turns: the one before keeps a line',
    [said('c', 0, 900), said('a', 1000, 1900), said('b', 2000, 2900, open)],
    [
      ['a 1000', 1],
      ['b 2000', 3],
    ],
  ],
  [
    'somebody who speaks again after another has a new block',
    [said('a', 0, 900), said('b', 1000, 1900), said('a', 2000, 2900)],
    [
      ['b 1000', 1],
      ['a 2000', 3],
    ],
  ],
  [
    'two at once share the lines, and keep their places',
    [said('a', 0, 3000), said('b', 1000, 4000), said('a', 3000, 5000, open)],
    [
      ['a 0 + a 3000', 2, 'at once'],
      ['b 1000', 2, 'at once'],
    ],
  ],
  [
    'twelve at once: the last three',
    Array.from({ length: 12 }, (_, index) => said(`p${index}`, index, 9000, open)),
    [
      ['p9 9', 1, 'at once'],
      ['p10 10', 1, 'at once'],
      ['p11 11', 1, 'at once'],
    ],
  ],
  ['no words yet', [said('a', 0, 900, { text: ' ', final: false })], []],
])('on the screen: %s', (_what, fresh, expected) => {
  expect(look(fresh)).toEqual(expected);
});

test('pop-on shows whole captions, the last of each', () => {
  const fresh = [said('a', 0, 900), said('a', 1000, 1900), said('a', 2000, 2900, open)];
  expect(look(fresh, 'pop-on')).toEqual([['a 1000', 3]]);
});

/** As WCAG 2 reckons it. */
function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const rgbOf = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

test.each(
  Object.entries(COLOURS).flatMap(([name, [text, ground]]) =>
    Object.entries(GROUNDS).flatMap(([cover, share]) =>
      ['#000000', '#ffffff'].map((picture) => [name, cover, picture, text, ground, share] as const),
    ),
  ),
)(
  '%s, %s, over a picture of %s: enough contrast',
  (_name, _cover, picture, text, ground, share) => {
    const behind = rgbOf(picture);
    const mixed = rgbOf(ground).map(
      (value, index) => value * share + (behind[index] ?? 0) * (1 - share),
    );
    const [low = 0, high = 0] = [luminance(rgbOf(text)), luminance(mixed)].sort((a, b) => a - b);
    // AA is 4.5.
    expect((high + 0.05) / (low + 0.05)).toBeGreaterThan(7);
  },
);

test('a WebVTT file has the finals, with times from the first on, and nothing that breaks it', () => {
  const file = toWebVtt([
    said('Al<b>ice', 61_000, 62_500, { text: 'a --> b\n\nc & d' }),
    said('Bob', 62_000, 3_700_061_000),
    said('Bob', 63_000, 64_000, open),
    said('Eve', 64_000, 65_000, { text: ' ' }),
    said('Eve', 66_000, 67_000, { start: undefined }),
  ]);
  expect(file).toBe(`WEBVTT

00:00:00.000 --> 00:00:01.500
<v Al&lt;b&gt;ice>a --&gt; b c &amp; d

00:00:01.000 --> 1027:46:40.000
<v Bob>Bob 62000

00:00:05.000 --> 00:00:08.000
<v Eve>Eve 66000
`);
});
