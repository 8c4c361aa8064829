import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Unsettled } from '../../src/captions/unsettled.js';

/** What is shown after each reading. */
function shownBy(readings: readonly string[]): string[] {
  const unsettled = new Unsettled();
  return readings.map((text) => {
    unsettled.read(text);
    return unsettled.shown;
  });
}

test.each([
  ['new words at once', ['so', 'so the', 'so the plan'], ['so', 'so the', 'so the plan']],
  ['a word that grows', ['cap', 'captions'], ['cap', 'captions']],
  ['no stop at the end, until more comes', ['So.', 'So. We'], ['So', 'So. We']],
  ['nor one that a quote closes', ['“So.”', '“So.” We'], ['“So', '“So.” We']],
  ['a reading that is alone, not', ['I want to', 'I want two', 'I want to'], 3],
  ['a correction when it is said twice', ['two', 'to go', 'to go'], ['two', 'two', 'to go']],
  ['words that are missing once, all the same', ['so the plan', 'so the', 'so the plan is'], ['so the plan', 'so the plan', 'so the plan is']],
  ['nothing that is missing twice', ['so the plan', 'so the', 'so the'], ['so the plan', 'so the plan', 'so the']],
  ['Chinese', ['今天', '今天天气', '今天天气很好。'], ['今天', '今天天气', '今天天气很好']],
] as const)('shows %s', (_, readings, expected) => {
  const shown = shownBy(readings);
  if (typeof expected === 'number') expect(new Set(shown)).toEqual(new Set(['I want to']));
  else expect(shown).toEqual(expected);
}); // prettier-ignore

/** As a recogniser leaves it that has been wrong for long. */
function distrustful(): Unsettled {
  const unsettled = new Unsettled();
  for (let turn = 0; turn < 3; turn += 1) {
    for (const text of ['a wrong guess', 'a wrong guess', 'other', 'other']) unsettled.read(text);
    unsettled.settle('Other.');
  }
  return unsettled;
}

test('the newest words of a recogniser that has often revised wait to be heard twice', () => {
  const unsettled = distrustful();
  const shown = ['so the plan', 'so the plane is', 'so the plan is to', 'so the plan is to go'].map(
    (text) => {
      unsettled.read(text);
      return unsettled.shown;
    },
  );
  expect(shown).toEqual(['', 'so the', 'so the', 'so the plan is to']);
});

test('a recogniser that is right again earns back that its words are shown at once', () => {
  const unsettled = distrustful();
  for (let count = 0; count < 60; count += 1) unsettled.settle('something that holds');
  unsettled.read('so the plan');
  expect(unsettled.shown).toBe('so the plan');
});

test.each([
  ['the same words', 'so the plan is', 'So, the plan', 'is'],
  ['other words', 'so the plane is', 'so the plan', 'is'],
  ['more words than were heard', 'so the', 'so the plan', ''],
  ['a stop', 'so the. And', 'so the.', 'And'],
  ['only a stop', 'and so', '.', 'and so'],
  ['Chinese', '今天天气很好', '今天天气', '很好'],
  ['everything, otherwise', 'I want two', 'I want to go home', ''],
])('after a final of %s the rest stays', (_, reading, settled, rest) => {
  const unsettled = new Unsettled();
  unsettled.read(reading);
  unsettled.settle(settled);
  expect(unsettled.shown).toBe(rest);
});

const word = fc.constantFrom('so', 'the', 'plan', 'is', 'to.', 'go,', '今天', '👩‍👩‍👧', '-huh', '');
const reading = fc.array(word, { maxLength: 12 }).map((words) => words.join(' ').trim());

test('whatever is read: two readings in a row are believed, and one takes nothing back', () => {
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 20 }), (readings) => {
      const unsettled = new Unsettled();
      let before = '';
      let last = '';
      for (const text of readings) {
        const shown = unsettled.shown;
        unsettled.read(text);
        const plain = text.replace(/[.,]+$/, '');
        if (last.startsWith(shown)) expect(unsettled.shown.startsWith(shown)).toBe(true);
        if (text === before) expect(unsettled.shown).toBe(plain);
        before = text;
        last = plain;
      }
    }),
  );
});
