import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { Segmenter } from '../../src/captions/segmenter.js';
import type { FinalTranscript, PulseEvent } from '../../src/pulse/events.js';

const PIECES = [
  'so', 'the', 'plan', 'is', 'this.', 'Really?', 'Dr.', '3.', '2020.', 'and,', 'well;', '“quoted.”', 'U.S.',
  'e.g.', 'no.', '今天', '天气很好。', 'नमस्ते।', 'مرحبا؟', 'สวัสดีครับ', '👩‍👩‍👧', 'é', 'supercalifragilistic',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  '-huh', '.', ',', '…', '?', '(so)', '¿qué', '50%', '[FIRSTNAME_1]',
]; // prettier-ignore

const text = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 40 })
  .map((words) => words.join(' '));
const gap = fc.oneof(fc.constant(20), fc.integer({ min: 0, max: 2000 }));

interface Step {
  readonly kind: 'interim' | 'final' | 'started' | 'ended';
  readonly text: string;
  readonly gap: number;
  readonly words: 'none' | 'all' | 'other';
  readonly continuesWord: boolean;
  readonly endOfTurn: boolean;
  readonly voice: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('interim', 'interim', 'final', 'final', 'started', 'ended'),
  text,
  gap,
  words: fc.constantFrom('none', 'all', 'other'),
  continuesWord: fc.boolean(),
  endOfTurn: fc.boolean(),
  voice: fc.constantFrom('', '1', '2'),
});

/** A recogniser that goes forward in time, and says anything. */
function events(steps: readonly Step[]): PulseEvent[] {
  let now = 0;
  return steps.map((step): PulseEvent => {
    const start = now + step.gap;
    const tokens = step.text.split(' ').filter((word) => word !== '');
    const end = start + tokens.length * 250;
    const words = tokens.map((word, index) => ({
      text: step.words === 'other' ? 'x'.repeat(word.length) : word.toLowerCase(),
      start: start + index * 250,
      end: start + index * 250 + 200,
      ...(step.voice === '' ? {} : { speaker: step.voice }),
    }));
    const common = { text: step.text, start, end, words: step.words === 'none' ? [] : words };
    switch (step.kind) {
      case 'interim':
        return { type: 'interim', ...common };
      case 'final':
        now = end;
        return {
          type: 'final',
          ...common,
          continuesWord: step.continuesWord,
          endOfTurn: step.endOfTurn,
        };
      case 'started':
        return { type: 'speech_started', at: start };
      case 'ended':
        return { type: 'speech_ended', at: start };
    }
  });
}

function run(happened: readonly PulseEvent[]): Caption[] {
  let ids = 0;
  const captions = new Segmenter({
    track: { sid: 'TR_1', source: 'microphone' },
    speaker: (voice = '') => ({ identity: 'a', name: 'A', label: `A${voice}` }),
    epoch: 0,
    newId: () => `S${(ids += 1)}`,
    defaultLanguage: 'en',
  });
  return [...happened.flatMap((event) => captions.on(event)), ...captions.end()];
}

/** What must arrive. Stops may be dropped where a final says them after its sentence was closed; space may change. */
function letters(text: string): string {
  return text.replace(/[\p{P}\s]/gu, '');
}

function bySegment(states: readonly Caption[]): Caption[][] {
  const ids = new Set(states.map(({ id }) => id));
  return Array.from(ids, (id) => states.filter((state) => state.id === id));
}

const anything = fc.array(step, { maxLength: 30 }).map(events);

test('the final segments hold all that was settled, in order', () => {
  const finalsOnly = anything.map((all) => all.filter(({ type }) => type !== 'interim'));
  fc.assert(
    fc.property(finalsOnly, (happened) => {
      const settled = happened
        .filter((event): event is FinalTranscript => event.type === 'final')
        .map(({ text }) => text);
      const shown = run(happened)
        .filter(({ final }) => final)
        .map(({ text }) => text);
      expect(letters(shown.join(''))).toBe(letters(settled.join('')));
    }),
    { numRuns: 500 },
  );
});

test('with interims too, the settled text of all segments holds all that was settled, in order', () => {
  fc.assert(
    fc.property(anything, (happened) => {
      const lastFinal = happened.findLastIndex(({ type }) => type === 'final');
      const untilFinal = happened
        .slice(0, lastFinal + 1)
        .filter(({ type }) => type !== 'speech_ended');
      const settled = untilFinal
        .filter((event): event is FinalTranscript => event.type === 'final')
        .map(({ text }) => text);
      const shown = run(untilFinal)
        .filter(({ final }) => final)
        .map(({ text }) => text);
      expect(letters(shown.join(''))).toBe(letters(settled.join('')));
    }),
    { numRuns: 500 },
  );
});

test('an id lives once: revisions grow by one, settled text stays, and its final is its last', () => {
  fc.assert(
    fc.property(anything, (happened) => {
      for (const states of bySegment(run(happened))) {
        expect(states.map(({ rev }) => rev)).toEqual(states.map((_, index) => index));
        expect(states.findIndex(({ final }) => final)).toBe(states.length - 1);
        let before: Caption | undefined;
        for (const state of states) {
          if (before) {
            expect(state.text.startsWith(before.text.slice(0, before.settled))).toBe(true);
            expect(state.start).toBeLessThanOrEqual(before.start);
            expect({ ...state, rev: 0, start: 0, end: 0 }).not.toEqual({
              ...before,
              rev: 0,
              start: 0,
              end: 0,
            });
          }
          expect(state.end).toBeGreaterThanOrEqual(state.start);
          expect(state.settled).toBeLessThanOrEqual(state.text.length);
          before = state;
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('segments end in the order in which they began, and all of them do', () => {
  fc.assert(
    fc.property(anything, (happened) => {
      const states = run(happened);
      const begun = [...new Set(states.map(({ id }) => id))];
      const ended = states.filter(({ final }) => final).map(({ id }) => id);
      expect([...ended].sort()).toEqual([...begun].sort());
      const said = states.filter(({ final, text }) => final && text !== '').map(({ id }) => id);
      expect(said).toEqual(begun.filter((id) => said.includes(id)));
    }),
    { numRuns: 500 },
  );
});

test('segments keep to their length', () => {
  fc.assert(
    fc.property(anything, (happened) => {
      for (const { text } of run(happened.filter(({ type }) => type === 'final'))) {
        // Half a length more for the sake of one long word.
        expect([...new Intl.Segmenter().segment(text)].length).toBeLessThanOrEqual(168 * 1.5);
      }
    }),
  );
});

test('words are neither lost nor doubled, and lie within their segment', () => {
  const worded = fc.array(
    step.map((one): Step => ({ ...one, kind: 'final', words: 'all' })),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(worded.map(events), (happened) => {
      const said = happened.map((event) => (event.type === 'final' ? event.text : ''));
      const finals = run(happened).filter(({ final }) => final);
      const words = finals.flatMap((caption) => caption.words ?? []);
      expect(letters(words.map(({ text }) => text).join('')).toLowerCase()).toBe(
        letters(said.join('')).toLowerCase(),
      );
      for (const { start, end, words = [] } of finals) {
        expect(Math.min(start, ...words.map((word) => word.start))).toBe(start);
        expect(Math.max(end, ...words.map((word) => word.end))).toBe(end);
      }
    }),
  );
});
