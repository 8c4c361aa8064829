import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StreamsReport, ToProcess } from '../../src/host/process/messages.js';
import { StreamBudget } from '../../src/host/stream-budget.js';

/** A room process that obeys when it gets to it, as over a pipe. */
class FakeProcess {
  limit = 0;
  turn = 0;
  held = 0;
  idle = 0;
  waiting: number[] = [];
  readonly #inbox: ToProcess[] = [];

  constructor(private readonly budget: () => StreamBudget) {}

  send(message: ToProcess): void {
    this.#inbox.push(message);
  }

  /** Takes one message, connects whom it may, and closes what is beyond its limit. */
  step(): void {
    const message = this.#inbox.shift();
    if (message?.type === 'streams') {
      this.limit = message.lease.limit;
      this.turn = message.lease.turn;
    }
    while (this.held < this.limit && this.waiting.length > 0) {
      this.waiting.shift();
      this.held += 1;
    }
    this.held = Math.min(this.held, this.limit);
    this.idle = Math.min(this.idle, this.held);
    this.report();
  }

  report(): void {
    const { turn, held, idle, waiting } = this;
    this.budget().report(this, { turn, held, idle, waiting } satisfies StreamsReport);
  }

  settle(): void {
    for (let steps = 0; steps < 10; steps += 1) this.step();
  }
}

function scene(max: number, processes: number) {
  let now = 0;
  const budget: StreamBudget = new StreamBudget({ max, now: () => now });
  const all = Array.from({ length: processes }, () => new FakeProcess(() => budget));
  return { budget, all, wait: (ms: number) => (now += ms) };
}

test('processes get what they ask for while there is any', () => {
  const { all } = scene(10, 2);
  for (const one of all) one.waiting = [0, 0, 0];
  for (const one of all) one.report();
  for (const one of all) one.settle();
  expect(all.map(({ held }) => held)).toEqual([3, 3]);
});

test('who has waited longest is served first, whichever process they are in', () => {
  const { all } = scene(2, 2);
  const [one, other] = all as [FakeProcess, FakeProcess];
  one.waiting = [100];
  other.waiting = [5000, 4000];
  // Neither knows of the other: what is reported last is decided with all that is known.
  one.report();
  other.report();
  one.settle();
  other.settle();
  expect(one.held + other.held).toBe(2);
  expect(other.held).toBeGreaterThanOrEqual(1);
});

test('what is idle in one process goes to who speaks in another', () => {
  const { all } = scene(2, 2);
  const [one, other] = all as [FakeProcess, FakeProcess];
  one.waiting = [0, 0];
  one.report();
  one.settle();
  expect(one.held).toBe(2);
  other.waiting = [0];
  other.report();
  one.settle();
  other.settle();
  expect([one.held, other.held]).toEqual([2, 0]);
  one.idle = 1;
  one.report();
  one.settle();
  other.settle();
  expect([one.held, other.held]).toEqual([1, 1]);
});

test('where nobody is idle, who has waited for long takes one from who has most', () => {
  const { all, wait } = scene(3, 2);
  const [one, other] = all as [FakeProcess, FakeProcess];
  one.waiting = [0, 0, 0];
  one.report();
  one.settle();
  other.waiting = [0];
  other.report();
  wait(11_000);
  one.report();
  other.waiting = [11_000];
  other.report();
  one.settle();
  other.settle();
  expect([one.held, other.held]).toEqual([2, 1]);
});

test('a process that dies gives back all of its streams', () => {
  const { budget, all } = scene(2, 2);
  const [one, other] = all as [FakeProcess, FakeProcess];
  one.waiting = [0, 0];
  one.report();
  one.settle();
  other.waiting = [0, 0];
  other.report();
  budget.gone(one);
  other.settle();
  expect(other.held).toBe(2);
  expect(budget.held).toBe(2);
});

test('however messages cross, no more streams are open than there are', () => {
  const happening = fc.record({
    process: fc.nat(2),
    what: fc.constantFrom('speak', 'fall silent', 'close', 'step', 'report', 'wait'),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(happening, { maxLength: 200 }),
      (max, all) => {
        const { all: processes, wait } = scene(max, 3);
        for (const { process, what } of all) {
          const one = processes[process];
          if (!one) continue;
          if (what === 'speak') one.waiting.push(0);
          if (what === 'fall silent') one.idle = Math.min(one.held, one.idle + 1);
          if (what === 'close' && one.held > 0) one.held -= 1;
          if (what === 'step') one.step();
          if (what === 'wait') wait(6000);
          if (what !== 'step') one.report();
          expect(processes.reduce((sum, { held }) => sum + held, 0)).toBeLessThanOrEqual(max);
        }
      },
    ),
  );
});
