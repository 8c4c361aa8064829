import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cue, layOut } from '../../src/transcript/exports/cues.js';
import { oneLine, type Passage } from '../../src/transcript/exports/passage.js';
import { anyPassages, charactersOf, passage } from '../support/passages.js';

const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303F\uFF01-\uFF60]/u;

/** In Latin characters, of which a line holds 42, or 16 wide ones. */
function width(line: string): number {
  return charactersOf(line).reduce((sum, one) => sum + (WIDE.test(one) ? 42 / 16 : 1), 0);
}

function bySpeaker(cues: readonly Cue[]): Cue[][] {
  const labels = [...new Set(cues.map(({ label }) => label))];
  return labels.map((label) => cues.filter((cue) => cue.label === label));
}

/** Everything that is written, without the spaces, as breaking a line takes them away. */
function written(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => oneLine(text).split(' '))
    .flatMap(charactersOf)
    .sort();
}

function always(
  rule: (cues: readonly Cue[], passages: readonly Passage[], indent: number) => void,
) {
  fc.assert(
    fc.property(anyPassages, fc.constantFrom(0, 22), (passages, indent) => {
      const before = () => '·'.repeat(indent);
      rule(layOut(passages, { before }), passages, indent);
    }),
    { numRuns: 100 },
  );
}

describe('whatever was said, by whomever and however fast', () => {
  test('a cue has one or two lines of at most 42 characters, or 16 wide ones', () => {
    always((cues, _, indent) => {
      for (const { lines } of cues) {
        expect([1, 2]).toContain(lines.length);
        expect(lines).not.toContain('');
        expect(width(lines[0] ?? '') + indent).toBeLessThanOrEqual(42);
        expect(width(lines[1] ?? '')).toBeLessThanOrEqual(42);
      }
    });
  });

  test('nothing is lost, twice or cut within a character', () => {
    always((cues, passages) => {
      expect(written(cues.flatMap(({ lines }) => lines))).toEqual(
        written(passages.map(({ text }) => text)),
      );
    });
  });

  test('what is said in one go stays in its order, whatever the times of its words', () => {
    fc.assert(
      fc.property(anyPassages, (passages) => {
        for (const one of passages) {
          const lines = layOut([one]).flatMap((cue) => cue.lines);
          expect(lines.join('').replaceAll(' ', '')).toBe(oneLine(one.text).replaceAll(' ', ''));
        }
      }),
    );
  });

  test('a cue is shown for 1 to 7 seconds, of whole milliseconds', () => {
    always((cues) => {
      for (const { start, end } of cues) {
        expect([start, end].every(Number.isInteger)).toBe(true);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end - start).toBeGreaterThanOrEqual(1000);
        expect(end - start).toBeLessThanOrEqual(7000);
      }
    });
  });

  test('80 ms are between two cues of a speaker', () => {
    always((cues) => {
      for (const own of bySpeaker(cues)) {
        for (const [index, cue] of own.slice(1).entries()) {
          expect(cue.start - (own[index]?.end ?? 0)).toBeGreaterThanOrEqual(80);
        }
      }
    });
  });

  test('a cue stays until it is read, at 20 characters a second, unless 7 seconds are over or the next one comes', () => {
    always((cues, _, indent) => {
      for (const own of bySpeaker(cues)) {
        for (const [index, { start, end, lines }] of own.entries()) {
          const needed = ((width(lines.join(' ')) + indent) / 20) * 1000;
          const next = own[index + 1]?.start ?? Infinity;
          if (end - start < 7000 && end + 80 < next) {
            expect(end - start).toBeGreaterThanOrEqual(Math.floor(needed) - 50 * lines.length);
          }
        }
      }
    });
  });

  test('speech begins when its cue does, unless the one before still has to be shown', () => {
    always((cues, passages) => {
      for (const own of bySpeaker(cues)) {
        for (const [index, { id, start }] of own.entries()) {
          const said = passages.find((one) => id === one.id || id === `${one.id}.1`);
          const before = own[index - 1];
          if (!said || said.words || start === (before?.end ?? -1) + 80) continue;
          expect(start).toBe(Math.max(0, said.start));
        }
      }
    });
  });

  test('cues are in the order of time, and what came from one passage has ids of its own', () => {
    always((cues) => {
      const starts = cues.map(({ start }) => start);
      expect(starts).toEqual(starts.toSorted((one, other) => one - other));
      expect(new Set(cues.map(({ id }) => id)).size).toBe(cues.length);
    });
  });

  test('two lines of plain words are as even as their words allow', () => {
    const word = fc.integer({ min: 1, max: 12 }).map((length) => 'q'.repeat(length));
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 20 }), (words) => {
        for (const { lines } of layOut([passage(words.join(' '), { end: 6000 })])) {
          const [first, second] = lines;
          if (first === undefined || second === undefined) continue;
          const all = [...first.split(' '), ...second.split(' ')];
          const differences = all.slice(1).map((_, index) => {
            const one = all.slice(0, index + 1).join(' ').length;
            const other = all.slice(index + 1).join(' ').length;
            return one <= 42 && other <= 42 ? Math.abs(one - other) : Infinity;
          });
          const least = Math.min(...differences);
          // A longer line below is worth three characters.
          expect(Math.abs(first.length - second.length)).toBeLessThanOrEqual(least + 3);
        }
      }),
    );
  });
});
