import { describe, expect, test } from 'vitest';
import { type Cue, layOut } from '../../src/transcript/exports/cues.js';
import { passage, speaker, spoken } from '../support/passages.js';

const HOUR = 3_600_000;
const shown = (cues: readonly Cue[]) =>
  cues.map(({ start, end, lines }) => [start, end, lines.join(' / ')]);

describe('where a cue ends', () => {
  test('at the end of a sentence, then of a clause, before the two lines are full', () => {
    const text =
      'So the plan is to move the library to the old bakery, which has been empty since March, and to keep the reading room where it is. That would give us two hundred more square metres.';
    expect(layOut([spoken(text, 60)]).map(({ lines }) => lines)).toEqual([
      ['So the plan is to move the', 'library to the old bakery,'],
      ['which has been empty since March,', 'and to keep the reading room where it is.'],
      ['That would give us two', 'hundred more square metres.'],
    ]);
  });

  test('else before a word that opens a part of a sentence', () => {
    const text =
      'The roof of the old bakery has been ready since Friday and the windows will come next week.';
    expect(layOut([spoken(text, 60)]).map(({ lines }) => lines)).toEqual([
      ['The roof of the old bakery', 'has been ready since Friday'],
      ['and the windows will come next week.'],
    ]);
  });

  test('not at an abbreviation or a figure', () => {
    const text =
      'We asked Dr. Okafor, who measured 3.5 metres at No. 7 and then 4.25 metres at the church.';
    expect(layOut([spoken(text, 60)]).map(({ lines }) => lines)).toEqual([
      ['We asked Dr. Okafor,'],
      ['who measured 3.5 metres at No. 7', 'and then 4.25 metres at the church.'],
    ]);
  });

  test('at a long pause, though there is room for more', () => {
    const one = spoken('And then we', 60);
    const words = [...(one.words ?? []), { text: 'stop', start: 5000, end: 5300 }];
    expect(shown(layOut([{ ...one, text: 'And then we stop', end: 5300, words }]))).toEqual([
      [0, 1000, 'And then we'],
      [5000, 6000, 'stop'],
    ]);
  });

  test('with the punctuation that the words themselves do not have', () => {
    const words = [
      { text: 'Good', start: 0, end: 1500 },
      { text: 'then', start: 6000, end: 7500 },
    ];
    expect(shown(layOut([passage('Good, then.', { end: 7500, words })]))).toEqual([
      [0, 1500, 'Good,'],
      [6000, 7500, 'then.'],
    ]);
  });

  test('after seven seconds, though there is room for more', () => {
    const cues = layOut([spoken('very slow speech takes its time', 700)]);
    expect(cues.length).toBeGreaterThan(1);
    for (const { start, end } of cues) expect(end - start).toBeLessThanOrEqual(7000);
  });

  test('a short text is one line, and a sentence has a line of its own where it can', () => {
    expect(layOut([passage('It is one line of forty-two letters or so.')])[0]?.lines).toHaveLength(
      1,
    );
    expect(
      layOut([spoken('I do not think so. Shall we ask somebody else then?', 60)]),
    ).toMatchObject([{ lines: ['I do not think so.', 'Shall we ask somebody else then?'] }]);
  });
});

describe('awkward cases', () => {
  test('no times of words: the text is spread over the time of the whole', () => {
    const text =
      'One two three four five six seven. Eight nine ten eleven twelve thirteen fourteen.';
    const cues = layOut([passage(text, { start: 1000, end: 13_000 })]);
    expect(shown(cues)).toEqual([
      [1000, 5976, 'One two three four five six seven.'],
      [6122, 13_000, 'Eight nine ten eleven / twelve thirteen fourteen.'],
    ]);
  });

  test('a word of 200 letters is cut where a line is full', () => {
    const cues = layOut([passage('w'.repeat(200), { end: 12_000 })]);
    expect(cues.map(({ lines }) => lines.map(({ length }) => length))).toEqual([
      [40, 40],
      [40, 40],
      [40],
    ]);
    expect(cues.map(({ id }) => id)).toEqual(['SG_1.1', 'SG_1.2', 'SG_1.3']);
  });

  test('people who talk at the same time have cues at the same time', () => {
    const bob = { id: 'SG_2', speaker: speaker('Bob'), start: 500, end: 2500 };
    expect(
      layOut([passage('I think so.', { end: 3000 }), passage('I do not.', bob)]),
    ).toMatchObject([
      { label: 'Alice', start: 0, end: 3000 },
      { label: 'Bob', start: 500, end: 2500 },
    ]);
  });

  test('one who is heard twice at the same time has one cue after the other', () => {
    const long = 'This is the first thing that is said at some length';
    const cues = layOut([
      passage(`${long} here.`, { end: 5000 }),
      passage(`${long} there.`, { id: 'SG_2', start: 2000, end: 6000 }),
    ]);
    expect(shown(cues)).toEqual([
      [0, 2850, 'This is the first thing that / is said at some length here.'],
      [2930, 6000, 'This is the first thing that / is said at some length there.'],
    ]);
  });

  test('one who says something short amid something long has it shown when it is said', () => {
    const long = 'This is said at some length, and goes on and on. '.repeat(6).trim();
    const cues = layOut([
      passage(long, { end: 24_000 }),
      passage('Wait!', { id: 'SG_2', start: 12_000, end: 12_500 }),
    ]);
    const wait = cues.find(({ id }) => id === 'SG_2');
    expect(wait?.start).toBeGreaterThanOrEqual(12_000);
    expect(wait?.start).toBeLessThanOrEqual(14_000);
  });

  test('short answers that come too fast to be shown alone are shown together', () => {
    const cues = layOut([
      spoken('Yes.', 60, { start: 1000 }),
      spoken('No.', 60, { id: 'SG_2', start: 1400 }),
      spoken('Wait.', 60, { id: 'SG_3', start: 1800 }),
      spoken('Non.', 60, { id: 'SG_4', start: 2900, language: 'fr' }),
    ]);
    expect(shown(cues)).toEqual([
      [1000, 2100, 'Yes. No. Wait.'],
      [2900, 3900, 'Non.'],
    ]);
  });

  test('what is said too fast to be read stays into the silence behind it', () => {
    const text =
      'Nobody could have read all of this in the time that it took to say. It stays a little longer than it was heard.';
    const said = spoken(text, 25);
    const [first, second, ...more] = layOut([said]);
    expect(more).toEqual([]);
    // Up to a second later than it was said, so that the first can be read; then as long as the reading takes.
    const spokenAt = said.words?.find((word) => word.text === 'It')?.start ?? 0;
    expect(second?.start).toBe((first?.end ?? 0) + 80);
    expect(second?.start).toBe(spokenAt + 1000);
    expect(second && second.end - second.start).toBe(
      'It stays a little longer than it was heard.'.length * 50,
    );
  });

  test('words of 0 ms, all at once, are shown one cue after the other', () => {
    const words =
      'all of these words came at the very same moment and nobody knows how that can be so at all'
        .split(' ')
        .map((text) => ({ text, start: 1000, end: 1000 }));
    const text = words.map((word) => word.text).join(' ');
    const cues = layOut([passage(text, { start: 1000, end: 1000, words })]);
    expect(cues.length).toBeGreaterThan(1);
    expect(cues[0]?.start).toBe(1000);
    for (const [index, cue] of cues.slice(1).entries()) {
      expect(cue.start).toBe((cues[index]?.end ?? 0) + 80);
    }
  });

  test.each([
    ['no length', 5, 5, [5, 1005]],
    ['an end before the beginning', 5000, 12, [5000, 6000]],
    ['a beginning before the clock', -700, 1500, [0, 1500]],
    ['fractions', 12.4, 1999.6, [12, 2000]],
    ['a day', 24 * HOUR, 24 * HOUR + 1500, [24 * HOUR, 24 * HOUR + 1500]],
    ['a hundred hours', 100 * HOUR, 100 * HOUR + 1500, [100 * HOUR, 100 * HOUR + 1500]],
  ])('times: %s', (_, start, end, times) => {
    const [cue] = layOut([passage('Hello.', { start, end })]);
    expect([cue?.start, cue?.end]).toEqual(times);
  });

  test('right to left, and in two directions', () => {
    const text = 'مرحبا بكم في اجتماع اليوم، سوف نتحدث عن الخطة الجديدة للمكتبة وعن الميزانية.';
    expect(layOut([passage(text, { end: 6000 })])).toMatchObject([
      {
        lines: ['مرحبا بكم في اجتماع اليوم، سوف نتحدث', 'عن الخطة الجديدة للمكتبة وعن الميزانية.'],
      },
    ]);
  });

  test('Japanese: 16 characters a line, cut at words, and no line begins with a stop', () => {
    const text =
      '皆さん、おはようございます。今日の会議では新しい図書館の計画について話し合いたいと思います。';
    expect(layOut([passage(text, { end: 9000 })]).map(({ lines }) => lines)).toEqual([
      ['皆さん、おはようございます。'],
      ['今日の会議では新しい図書館の計画', 'について話し合いたいと思います。'],
    ]);
  });

  test('emoji that are joined from several stay whole, however many there are', () => {
    const family = '👩‍👩‍👧‍👦';
    const lines = layOut([passage(family.repeat(100), { end: 9000 })]).flatMap((cue) => cue.lines);
    expect(lines.join('')).toBe(family.repeat(100));
    for (const line of lines) expect(line.replaceAll(family, '')).toBe('');
  });

  test('a mark that stands on a space stays there', () => {
    const text = `${'x'.repeat(30)} \u0301${'y'.repeat(30)}`;
    const lines = layOut([passage(text, { end: 5000 })]).flatMap((cue) => cue.lines);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('')).toBe(text);
  });

  test('nothing, and captions that were taken away', () => {
    expect(layOut([])).toEqual([]);
    expect(layOut([passage(''), passage(' \n'), passage('\u202E')])).toEqual([]);
  });
});

test('what stands before the first line takes its room there', () => {
  const text = 'This sentence would fill a line of forty-two';
  const [cue] = layOut([passage(text)], { before: (label) => `${label.repeat(4)}: ` });
  expect(cue?.lines).toEqual(['This sentence', 'would fill a line of forty-two']);
});
