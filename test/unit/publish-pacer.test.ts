import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { Pacer } from '../../src/publish/pacer.js';
import { caption } from '../support/caption.js';
import { VirtualClock } from '../../src/devkit/virtual-clock.js';

function setUp(intervalMs = 100) {
  const clock = new VirtualClock();
  const sent: { readonly at: number; readonly caption: Caption }[] = [];
  const send = (one: Caption) => void sent.push({ at: clock.now(), caption: one });
  const pacer = new Pacer({ intervalMs, send, clock });
  return { clock, pacer, sent, log: () => sent.map(({ at, caption }) => `${at} ${caption.text}`) };
}

test('the first words go at once, then the newest state once in a while', () => {
  const { clock, pacer, log } = setUp();
  for (let rev = 0; rev < 10; rev += 1) {
    pacer.push(caption({ rev, text: `${rev}` }));
    clock.pass(30);
  }
  clock.pass(1000);
  expect(log()).toEqual(['0 0', '100 3', '200 6', '300 9']);
  expect(clock.timers).toBe(0);
  pacer.push(caption({ rev: 10, text: 'after a pause' }));
  expect(log().at(-1)).toBe('1300 after a pause');
});

test('a final does not wait, and nothing old comes after it', () => {
  const { clock, pacer, log } = setUp();
  pacer.push(caption({ text: 'so' }));
  pacer.push(caption({ text: 'so the', rev: 1 }));
  expect(clock.timers).toBe(1);
  clock.pass(20);
  pacer.push(caption({ text: 'So there.', rev: 2, final: true }));
  expect(clock.timers).toBe(0);
  pacer.push(caption({ id: 'SG_2', text: 'next' }));
  clock.pass(1000);
  expect(log()).toEqual(['0 so', '20 So there.', '20 next']);
});

test('segments do not wait for one another, and share one timer', () => {
  const { clock, pacer, log } = setUp();
  pacer.push(caption({ id: 'a', text: 'a' }));
  clock.pass(10);
  pacer.push(caption({ id: 'b', text: 'b' }));
  pacer.push(caption({ id: 'b', text: 'b b', rev: 1 }));
  pacer.push(caption({ id: 'a', text: 'a a', rev: 1 }));
  expect(clock.timers).toBe(1);
  clock.pass(1000);
  expect(log()).toEqual(['0 a', '10 b', '100 a a', '110 b b']);
  expect(clock.timers).toBe(0);
});

test('an interval of 0 sends every state', () => {
  const { clock, pacer, log } = setUp(0);
  for (const text of ['so', 'so the', 'so the plan']) pacer.push(caption({ text }));
  expect(log()).toEqual(['0 so', '0 so the', '0 so the plan']);
  expect(clock.timers).toBe(0);
});

test('flushing sends what waits, and leaves no timer', () => {
  const { clock, pacer, log } = setUp();
  for (const id of ['a', 'b']) {
    pacer.push(caption({ id, text: id }));
    pacer.push(caption({ id, text: `${id} ${id}`, rev: 1 }));
  }
  clock.pass(50);
  pacer.flush();
  pacer.flush();
  expect(log()).toEqual(['0 a', '0 b', '50 a a', '50 b b']);
  expect(clock.timers).toBe(0);
});

test('an interval that changes holds from the next state on, and never for finals', () => {
  const { clock, pacer, log } = setUp();
  const say = (from: number, to: number) => {
    for (let rev = from; rev < to; rev += 1) {
      pacer.push(caption({ rev, text: `${rev}` }));
      clock.pass(50);
    }
  };
  say(0, 4);
  pacer.intervalMs = 500;
  say(4, 20);
  pacer.push(caption({ rev: 20, text: 'so there.', final: true }));
  pacer.intervalMs = 100;
  pacer.push(caption({ id: 'SG_2', text: 'next' }));
  pacer.push(caption({ id: 'SG_2', text: 'next one', rev: 1 }));
  clock.pass(1000);
  expect(log()).toEqual([
    '0 0',
    '100 1',
    '200 3',
    '300 5',
    '800 15',
    '1000 so there.',
    '1000 next',
    '1100 next one',
  ]);
});

test('whatever comes: in order, not too often, finals at once, the last state always, no timer left', () => {
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    final: fc.boolean(),
    gap: fc.integer({ min: 0, max: 150 }),
    intervalMs: fc.constantFrom(100, 500),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, pacer, sent } = setUp();
      const pushed: { readonly at: number; readonly caption: Caption }[] = [];
      for (const [rev, { id, final, gap, intervalMs }] of steps.entries()) {
        clock.pass(gap);
        const one = caption({ id: `${id}${life(steps.slice(0, rev), id)}`, rev, final });
        pushed.push({ at: clock.now(), caption: one });
        pacer.intervalMs = intervalMs;
        pacer.push(one);
      }
      clock.pass(500);
      expect(clock.timers).toBe(0);
      for (const id of new Set(pushed.map(({ caption }) => caption.id))) {
        const of = (all: typeof sent) => all.filter(({ caption }) => caption.id === id);
        const [gone, given] = [of(sent), of(pushed)];
        expect(gone[0]).toEqual(given[0]);
        expect(gone.at(-1)?.caption).toBe(given.at(-1)?.caption);
        const revs = gone.map(({ caption }) => caption.rev);
        expect(revs).toEqual([...new Set(revs)].sort((one, other) => one - other));
        for (const [index, { at, caption }] of gone.entries()) {
          const before = gone[index - 1];
          if (caption.final) expect(given).toContainEqual({ at, caption });
          else if (before) expect(at - before.at).toBeGreaterThanOrEqual(100);
        }
      }
    }),
  );
});

/** An id is over with its final: a new one then. */
function life(before: readonly { readonly id: string; readonly final: boolean }[], id: string) {
  return before.filter((step) => step.id === id && step.final).length;
}
