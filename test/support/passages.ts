import fc from 'fast-check';
import type { Passage } from '../../src/transcript/exports/passage.js';

/** What Alice says in a second, unless told otherwise; without words' times. */
export function passage(text: string, rest: Partial<Passage> = {}): Passage {
  const start = rest.start ?? 0;
  const speaker = { identity: 'alice', name: 'Alice', label: 'Alice' };
  return { id: 'SG_1', text, language: 'en', speaker, start, end: start + 1000, ...rest };
}

export function speaker(label: string, identity = label): Passage['speaker'] {
  return { identity, name: label, label };
}

/** The words of a text one after the other, each for as long as it has letters, with a short pause between two. */
export function spoken(text: string, msPerLetter: number, rest: Partial<Passage> = {}): Passage {
  const begin = rest.start ?? 0;
  let now = begin;
  const words = text.split(' ').map((word) => {
    const start = now;
    now += word.length * msPerLetter + msPerLetter;
    return { text: word, start, end: now - msPerLetter, confidence: 0.9 };
  });
  return passage(text, { start: begin, end: now - msPerLetter, words, ...rest });
}

/** Words of many scripts, and what a hostile mind or a broken recogniser makes of them. */
const anyWord = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('so', 'the', 'plan', 'library,', 'good.', 'Really?', 'twenty-one'),
  },
  fc.constantFrom('今日の会議では', '図書館。', '「はい」', 'ありがとう', '안녕하세요', '我们'),
  fc.constantFrom('مرحبا', 'الخطة،', 'שלום', 'สวัสดีครับ', 'नमस्ते।', 'Straße', 'ё́лка'),
  fc.constantFrom('👩‍👩‍👧‍👦', '👍🏽', '🇫🇷🇩🇪', 'e\u0301e\u0301', '❤️', '1️⃣'),
  fc.constantFrom(
    '<b>',
    '</v>',
    '&amp;',
    '-->',
    'NOTE',
    '{\\an8}',
    '<i>x</i>',
    '\u202Eevil',
    '\uD800',
  ),
  fc.constantFrom('00:00:01.000 --> 00:00:02.000', '1', '\n\n2\n', '[x](http://e.org)', '# a', '|'),
  fc.constantFrom('x'.repeat(43), 'y'.repeat(200), '語'.repeat(50), '👩‍👩‍👧‍👦'.repeat(90)),
);

const anyLabel = fc.constantFrom(
  'Alice Ng',
  'Bob',
  '田中',
  '<v Bob>',
  'A & B --> C',
  'm'.repeat(64),
);

export const anyText = fc
  .array(anyWord, { minLength: 1, maxLength: 60 })
  .map((words) => words.join(' '));

/** What one person said, with times of words that are right, wrong or missing. */
const anyPassage = fc
  .record({
    text: anyText,
    speaker: anyLabel.map((label) => speaker(label)),
    start: fc.integer({ min: -5000, max: 60_000 }),
    length: fc.constantFrom(0, 1, 300, 2000, 9000, 60_000),
    language: fc.constantFrom('en', 'fr', 'ja', 'auto', undefined),
    times: fc.constantFrom('none', 'right', 'wrong'),
    noise: fc.infiniteStream(fc.integer({ min: -3000, max: 70_000 })),
  })
  .map(({ text, start, length, times, noise, ...rest }): Omit<Passage, 'id'> => {
    const texts = text.split(' ');
    const share = length / texts.length;
    const anyTime = () => Number(noise.next().value);
    const words = texts.map((word, index) => ({
      text: word,
      start: times === 'right' ? start + index * share : anyTime(),
      end: times === 'right' ? start + (index + 1) * share : anyTime(),
    }));
    return { ...rest, text, start, end: start + length, ...(times !== 'none' && { words }) };
  });

/** Of a call, at any time in it up to the hundredth hour. */
export const anyPassages = fc
  .tuple(
    fc.array(anyPassage, { maxLength: 12 }),
    fc.constantFrom(0, 3_599_000, 86_399_000, 360_000_000),
  )
  .map(([passages, hours]) =>
    passages.map(({ start, end, words, ...rest }, index): Passage => ({
      ...rest,
      id: `SG_${index}`,
      start: start + hours,
      end: end + hours,
      ...(words && {
        words: words.map((word) => ({
          ...word,
          start: word.start + hours,
          end: word.end + hours,
        })),
      }),
    })),
  );

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What people take for its characters, in their order. */
export function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}
