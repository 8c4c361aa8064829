import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorFromStatus } from '../../src/pulse/errors.js';
import type { PulseEvent } from '../../src/pulse/events.js';
import {
  noStream,
  simulate,
  spokenAt,
  unavailable,
  type Fault,
  type Scenario,
} from '../support/simulated-pulse.js';

const plain: Scenario = {
  pauses: Array.from({ length: 40 }, (_, index) => (index % 10 === 0 ? 1200 : 100)),
  faults: [],
  wordsPerFinal: 3,
  latencyMs: 100,
  vadEvents: true,
  namedAnswers: true,
};

const everything = plain.pauses.map((_, index) => index);

/** Speech starts and ends in turn, and ends last. */
function expectPaired(events: readonly PulseEvent[]): void {
  const marks = events.filter(
    (event) => event.type === 'speech_started' || event.type === 'speech_ended',
  );
  expect(marks.map((event) => event.type)).toEqual(
    marks.map((_, index) => (index % 2 === 0 ? 'speech_started' : 'speech_ended')),
  );
  expect(marks.length % 2).toBe(0);
}

/** Times of finals are on the owner's clock and in order, also over connections. */
function expectOrdered(events: readonly PulseEvent[]): void {
  const starts = events.flatMap((event) => (event.type === 'final' ? [event.start] : []));
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
}

/** Each word of the finals has the time at which it was said, whatever was not sent before it. */
function expectTimely(events: readonly PulseEvent[], pauses: readonly number[]): void {
  for (const { text, start, end } of events.flatMap((event) =>
    event.type === 'final' ? event.words : [],
  )) {
    const said = spokenAt(pauses, Number(text.slice(1)));
    expect(Math.abs(start - said), `${text} starts`).toBeLessThan(2);
    expect(Math.abs(end - (said + 300)), `${text} ends`).toBeLessThan(2);
  }
}

const faults: Record<string, readonly Fault[]> = {
  none: [],
  'one reset': [{ kind: 'reset', at: 5130 }],
  'many resets': Array.from({ length: 20 }, (_, index) => ({
    kind: 'reset',
    at: 700 * index + 13,
  })),
  'an outage of 10 s': [{ kind: 'outage', at: 4000, ms: 10_000, error: unavailable }],
  'an outage of 30 s': [{ kind: 'outage', at: 4000, ms: 30_000, error: unavailable }],
  'no stream for 10 s': [{ kind: 'outage', at: 2500, ms: 10_000, error: noStream }],
  '429 with Retry-After': [
    { kind: 'outage', at: 3000, ms: 4000, error: errorFromStatus(429, '', { retryAfterMs: 3000 }) },
  ],
  '429 without': [{ kind: 'outage', at: 3000, ms: 8000, error: errorFromStatus(429, '') }],
  'a hang': [{ kind: 'hang', at: 4300 }],
  'a reset while catching up': [
    { kind: 'outage', at: 4000, ms: 8000, error: unavailable },
    { kind: 'reset', at: 13_500 },
    { kind: 'reset', at: 14_500 },
  ],
  'options changed in mid-speech': [
    { kind: 'reconfigure', at: 4250 },
    { kind: 'reconfigure', at: 9000 },
  ],
  'a permit that is wanted back again and again': Array.from({ length: 8 }, (_, index) => ({
    kind: 'yield',
    at: 1700 * index + 900,
    ms: 1500,
  })),
  'flushes in mid-speech': [
    { kind: 'flush', at: 5250 },
    { kind: 'flush', at: 9000 },
  ],
  'larger chunks for a while': [
    { kind: 'chunks', at: 2010, large: true },
    { kind: 'reset', at: 6130 },
    { kind: 'chunks', at: 9030, large: false },
  ],
};

describe.each(Object.entries(faults))('%s', (_, given) => {
  test.each([
    ['as it is documented', {}],
    ['a final for every word', { wordsPerFinal: 1 }],
    ['slow', { latencyMs: 500 }],
    ['without VAD events', { vadEvents: false }],
    ['older, answers without a name', { namedAnswers: false }],
    ['junk in between', { junk: true }],
    ['never is_last', { neverLast: true }],
    ['only speech, and a connection for each', { gated: true, options: { idleCloseMs: 100 } }],
    ['only speech is sent', { gated: true }],
    ['only speech, to an older one', { gated: true, namedAnswers: false }],
    ['only speech, slow', { gated: true, latencyMs: 700 }],
  ] satisfies [string, Partial<Scenario>][])('loses and doubles nothing: %s', (_name, variant) => {
    const outcome = simulate({ ...plain, ...variant, faults: given });
    expect(outcome.heard).toEqual(everything);
    expectPaired(outcome.events);
    expectOrdered(outcome.events);
    expectTimely(outcome.events, plain.pauses);
    expect(outcome.events.filter((event) => event.type === 'gap')).toEqual([]);
  });
});

test(
  'any schedule of speech, faults and answers loses and doubles nothing',
  { timeout: 60_000 },
  () => {
    const time = fc.integer({ min: 0, max: 30_000 });
    const fault = fc.oneof(
      fc.record({ kind: fc.constant('reset' as const), at: time }),
      fc.record({ kind: fc.constant('hang' as const), at: time }),
      fc.record({ kind: fc.constant('reconfigure' as const), at: time }),
      fc.record({ kind: fc.constant('flush' as const), at: time }),
      fc.record({ kind: fc.constant('chunks' as const), at: time, large: fc.boolean() }),
      fc.record({
        kind: fc.constant('yield' as const),
        at: time,
        ms: fc.integer({ min: 0, max: 8000 }),
      }),
      fc.record({
        kind: fc.constant('outage' as const),
        at: time,
        ms: fc.integer({ min: 1, max: 8000 }),
        error: fc.constantFrom(unavailable, noStream),
      }),
    );
    const scenario = fc.record({
      pauses: fc.array(
        fc.oneof(fc.integer({ min: 60, max: 400 }), fc.integer({ min: 400, max: 4000 })),
        { minLength: 1, maxLength: 40 },
      ),
      faults: fc.array(fault, { maxLength: 4 }),
      wordsPerFinal: fc.integer({ min: 1, max: 6 }),
      latencyMs: fc.integer({ min: 0, max: 800 }),
      vadEvents: fc.boolean(),
      namedAnswers: fc.boolean(),
      neverLast: fc.boolean(),
      junk: fc.boolean(),
      gated: fc.boolean(),
      options: fc.record({ idleCloseMs: fc.constantFrom(300, 2000, 30_000) }),
    });
    fc.assert(
      fc.property(scenario, (given) => {
        const outcome = simulate(given);
        expect(outcome.heard).toEqual(given.pauses.map((_, index) => index));
        expectPaired(outcome.events);
        expectOrdered(outcome.events);
        expectTimely(outcome.events, given.pauses);
      }),
      { numRuns: 500 },
    );
  },
);

describe('when only speech is sent', () => {
  const gated: Scenario = { ...plain, gated: true, wordsPerFinal: 6 };
  const MINUTES = 5 * 60_000;
  const rare = [500, 100, MINUTES, 150, MINUTES, 100];

  test.each([
    ['one connection that stays', 60 * 60_000, 1],
    ['a connection for each', 30_000, 3],
  ])('words after minutes keep their times, on %s', (_, idleCloseMs, connections) => {
    const outcome = simulate({ ...gated, pauses: rare, options: { idleCloseMs } });
    expect(outcome.heard).toEqual(rare.map((_, index) => index));
    expect(outcome.connections).toBe(connections);
    expectTimely(outcome.events, rare);
    const marks = outcome.events.filter(({ type }) => type.startsWith('speech_'));
    expect(marks).toHaveLength(6);
  });

  test.each([true, false])('each breath is a turn of its own (VAD events: %s)', (vadEvents) => {
    const outcome = simulate({ ...gated, pauses: rare, vadEvents, latencyMs: 300 });
    const turns = outcome.events.flatMap((event) => {
      if (event.type === 'final') return [event.text];
      return event.type.startsWith('speech_') ? [event.type] : [];
    });
    expect(turns).toEqual(
      ['w0 w1', 'w2 w3', 'w4 w5'].flatMap((said) => ['speech_started', said, 'speech_ended']),
    );
  });

  test.each([
    ['between two words of one breath', 1000],
    ['in the silence that is sent after speech', 1450],
    ['while the final is on its way', 2000],
    ['in the silence that is not sent', 100_000],
    ['while speech begins again', MINUTES + 1350],
  ])('a reset %s costs nothing', (_, at) => {
    const faults = [{ kind: 'reset', at } as const];
    const outcome = simulate({
      ...gated,
      pauses: rare,
      endpointing: false,
      latencyMs: 300,
      faults,
    });
    expect(outcome.heard).toEqual(rare.map((_, index) => index));
    expectTimely(outcome.events, rare);
    expectPaired(outcome.events);
    // Nobody has to speak again for it.
    const ends = [1, 3, 5].map((index) => spokenAt(rare, index) + 300);
    for (const end of ends) {
      expect(outcome.finalsAt.some((came) => came > end && came < end + 3000)).toBe(true);
    }
  });

  test('an outage that swallows several breaths gives each word its time', () => {
    const pauses = [500, 100, 5000, 100, 5000, 100, 9000, 100];
    const outcome = simulate({
      ...gated,
      pauses,
      latencyMs: 800,
      faults: [{ kind: 'outage', at: 900, ms: 13_000, error: unavailable }],
    });
    expect(outcome.heard).toEqual(pauses.map((_, index) => index));
    expectTimely(outcome.events, pauses);
  });

  test.each([
    ['that has shown the words', 900, 0],
    ['that has only noticed speech', 840, 400],
  ])('a server %s, and hangs before their final, is found out', (_, at, latencyMs) => {
    const pauses = [500, 6000];
    const faults = [{ kind: 'hang', at } as const];
    const outcome = simulate({ ...gated, pauses, latencyMs, namedAnswers: false, faults });
    expect(outcome.heard).toEqual([0, 1]);
    expect(outcome.connections).toBe(2);
  });
});

test('after a reset the words that are said again come beside the new ones', () => {
  const outcome = simulate({
    ...plain,
    pauses: Array.from({ length: 30 }, () => 200),
    faults: [{ kind: 'reset', at: 6000 }],
  });
  const repeated = outcome.events.flatMap((event) =>
    event.type === 'interim' || event.type === 'final' ? (event.repeated ?? []) : [],
  );
  expect(repeated.length).toBeGreaterThan(0);
  const finals = outcome.events.flatMap((event) => (event.type === 'final' ? event.words : []));
  for (const { text, start } of repeated) {
    const said = finals.find((word) => word.text === text);
    expect(Math.abs((said?.start ?? Infinity) - start)).toBeLessThan(100);
  }
});

test('audio beyond the bound is a gap that is told, and the rest is recognised', () => {
  const outcome = simulate({
    ...plain,
    faults: [{ kind: 'outage', at: 1000, ms: 13_000, error: unavailable }],
    options: { bufferMs: 5000 },
  });
  const gaps = outcome.events.filter((event) => event.type === 'gap');
  expect(gaps).toHaveLength(1);
  const [gap] = gaps;
  const missing = everything.filter((index) => !outcome.heard.includes(index));
  expect(missing.length).toBeGreaterThan(0);
  expect(gap && gap.end - gap.start).toBeGreaterThan(missing.length * 300);
  expect(outcome.heard).toEqual([...outcome.heard].sort((a, b) => a - b));
});

test('a backlog is caught up at four times real time or more', () => {
  const outage = 20_000;
  const outcome = simulate({
    ...plain,
    pauses: Array.from({ length: 60 }, () => 100),
    faults: [{ kind: 'outage', at: 500, ms: outage, error: unavailable }],
  });
  const live = outcome.events.findIndex(
    (event) => event.type === 'connection' && event.state === 'waiting',
  );
  expect(live).toBeGreaterThan(-1);
  expect(outcome.heard).toHaveLength(60);
  // The backlog of the outage, which grows while it is sent, is gone long before as much time again has passed.
  expect(outcome.took - outcome.spoken).toBeLessThan(outage / 3 + 6000);
});

test('a refusal that no retry can mend ends the stream and says why', () => {
  const error = errorFromStatus(401, '');
  const outcome = simulate({ ...plain, faults: [{ kind: 'outage', at: 0, ms: 1e6, error }] });
  expect(outcome.connections).toBe(1);
  expect(outcome.events).toContainEqual({ type: 'connection', state: 'failed', error });
});

test('a server that hangs at the end is asked once more', () => {
  const last = plain.pauses.reduce((sum, pause) => sum + pause + 300, 0);
  const outcome = simulate({ ...plain, faults: [{ kind: 'hang', at: last - 100 }] });
  expect(outcome.heard).toEqual(everything);
});

describe('a connection that nobody needs', () => {
  const twoTalks = [...Array.from({ length: 5 }, () => 100), 8000, 100, 100];
  const states = (given: Partial<Scenario>) =>
    simulate({ ...plain, pauses: twoTalks, gated: true, ...given }).events.flatMap((event) =>
      event.type === 'connection' ? event.state : [],
    );

  test('is closed in order after a while, and opened again by the next speech', () => {
    const opened = ['connecting', 'live', 'idle'];
    expect(states({ options: { idleCloseMs: 3000 } })).toEqual([
      ...opened,
      'connecting',
      'live',
      'ended',
    ]);
  });

  test('stays as long as it may', () => {
    expect(states({ options: { idleCloseMs: 12_000 } })).toEqual(['connecting', 'live', 'ended']);
  });

  test('is given back at once to whoever needs it', () => {
    const yields: Fault[] = [{ kind: 'yield', at: 5500, ms: 0 }];
    expect(states({ faults: yields })).toEqual([
      'connecting',
      'live',
      'idle',
      'connecting',
      'live',
      'ended',
    ]);
  });

  test('and breaks before its last message has nothing to mend', () => {
    const outcome = simulate({
      ...plain,
      pauses: twoTalks,
      gated: true,
      latencyMs: 400,
      faults: [{ kind: 'reset', at: 6000 }],
      options: { idleCloseMs: 3000 },
    });
    expect(outcome.heard).toEqual(twoTalks.map((_, index) => index));
  });
});

test('who speaks and waits for a permit for long is told so, and has lost nothing', () => {
  const outcome = simulate({
    ...plain,
    pauses: Array.from({ length: 20 }, () => 100),
    faults: [{ kind: 'yield', at: 2000, ms: 6000 }],
  });
  const waits = outcome.events.filter(
    (event) => event.type === 'connection' && event.state === 'waiting',
  );
  expect(waits).toMatchObject([{ error: { code: 'no_stream' } }]);
  expect(outcome.heard).toHaveLength(20);
});
