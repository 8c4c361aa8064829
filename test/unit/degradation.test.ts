import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.js';
import { DOWN_AFTER_MS, Ladder, UP_AFTER_MS } from '../../src/degradation/ladder.js';
import { LoopDelay } from '../../src/degradation/loop-delay.js';
import {
  LIMITS,
  pressureOfLoop,
  pressureOfProcess,
  pressureOfRoom,
} from '../../src/degradation/pressure.js';
import { isCause, type Level, type Pressure, type Step } from '../../src/degradation/steps.js';
import { ProcessDegradation } from '../../src/host/process/degradation.js';
import { WorkerState } from '../../src/host/worker-state.js';
import { createLogger } from '../../src/logging.js';
import { machineOptions } from '../../src/pulse/machine-options.js';
import { PulseMachine } from '../../src/pulse/machine.js';
import type { Input } from '../../src/pulse/states.js';
import { simulate } from '../support/simulated-pulse.js';

const PRESSURES = [
  'event_loop',
  'captions_wait',
  'audio_waits',
  'near',
  'calm',
] satisfies Pressure[];

interface Look {
  readonly at: number;
  readonly pressure: Pressure;
  readonly step: Step | undefined;
}

/** Looks every second at what lasts so many seconds each. */
function climb(top: Level, ...phases: readonly [Pressure, number][]): Look[] {
  const ladder = new Ladder(top);
  return phases
    .flatMap(([pressure, seconds]) => Array.from({ length: seconds }, () => pressure))
    .map((pressure, second) => {
      const at = second * 1000;
      return { at, pressure, step: ladder.look(pressure, at) };
    });
}

function taken(looks: readonly Look[]): string[] {
  return looks.flatMap(({ at, step }) =>
    step ? [`${at / 1000} s: ${step.from}→${step.to} ${step.cause}`] : [],
  );
}

describe('the ladder', () => {
  test.each([
    ['calm', [['calm', 100]], []],
    ['one bad look, as after a pause of the whole machine', [['event_loop', 1]], []],
    [
      'trouble that is too short',
      [
        ['event_loop', 2],
        ['calm', 1],
        ['event_loop', 2],
      ],
      [],
    ],
    [
      'trouble that lasts',
      [['audio_waits', 30]],
      ['2 s: 0→1 audio_waits', '4 s: 1→2 audio_waits', '6 s: 2→3 audio_waits'],
    ],
    [
      'trouble by one cause, then another',
      [
        ['captions_wait', 2],
        ['event_loop', 3],
      ],
      ['2 s: 0→1 event_loop', '4 s: 1→2 event_loop'],
    ],
    [
      'what only just works holds the step',
      [
        ['event_loop', 3],
        ['near', 100],
      ],
      ['2 s: 0→1 event_loop'],
    ],
    [
      'calm again',
      [
        ['event_loop', 7],
        ['calm', 60],
      ],
      [
        ...['2 s: 0→1', '4 s: 1→2', '6 s: 2→3', '17 s: 3→2', '27 s: 2→1', '37 s: 1→0'].map(
          (step) => `${step} event_loop`,
        ),
      ],
    ],
    [
      'calm that does not last',
      [
        ['event_loop', 3],
        ['calm', 9],
        ['near', 1],
        ['calm', 9],
        ['event_loop', 3],
      ],
      ['2 s: 0→1 event_loop', '24 s: 1→2 event_loop'],
    ],
  ] satisfies [string, [Pressure, number][], string[]][])('%s', (_name, phases, steps) => {
    expect(taken(climb(3, ...phases))).toEqual(steps);
  });

  test('has a top', () => {
    expect(taken(climb(2, ['audio_waits', 60])).at(-1)).toBe('4 s: 1→2 audio_waits');
  });

  test('goes one step at a time, never up or down faster than stated, whatever is seen', () => {
    const look = fc.record({
      pressure: fc.constantFrom<Pressure>(...PRESSURES),
      after: fc.integer({ min: 1, max: 6000 }),
      times: fc.integer({ min: 1, max: 15 }),
    });
    fc.assert(
      fc.property(
        fc.array(look, { maxLength: 40 }),
        fc.constantFrom<Level>(0, 1, 2, 3),
        (seen, top) => {
          const ladder = new Ladder(top);
          const looks: Look[] = [];
          let at = 0;
          for (const { pressure, after, times } of seen) {
            for (let time = 0; time < times; time += 1) {
              at += after;
              looks.push({ at, pressure, step: ladder.look(pressure, at) });
            }
          }
          let level: Level = 0;
          let steppedAt = Number.NEGATIVE_INFINITY;
          for (const [index, { at: now, step }] of looks.entries()) {
            if (!step) continue;
            expect(step.from).toBe(level);
            expect(Math.abs(step.to - step.from)).toBe(1);
            expect(step.to).toBeLessThanOrEqual(top);
            const up = step.to > step.from;
            const least = up ? UP_AFTER_MS : DOWN_AFTER_MS;
            expect(now - steppedAt).toBeGreaterThanOrEqual(least);
            // All that was seen in that time, and one look at least from before it, speaks for the step.
            const earlier = looks.slice(0, index + 1);
            const from = earlier.findLastIndex((one) => one.at <= now - least);
            for (const { pressure } of earlier.slice(from)) {
              expect(up ? isCause(pressure) : pressure === 'calm').toBe(true);
            }
            level = step.to;
            steppedAt = now;
          }
          expect(ladder.level).toBe(level);
        },
      ),
    );
  });
});

describe('pressure', () => {
  test.each([
    [2, 'calm'],
    [LIMITS.eventLoop.calm, 'calm'],
    [LIMITS.eventLoop.late - 1, 'near'],
    [LIMITS.eventLoop.late, 'event_loop'],
  ])('of an event loop that is late by %d ms: %s', (delayMs, pressure) => {
    expect(pressureOfLoop(delayMs)).toBe(pressure);
  });

  const room = (captionsWaitMs: number, unsentMs: number) => ({ captionsWaitMs, unsentMs });
  test.each([
    ['nothing waits', room(0, 0), room(0, 0), 'calm'],
    ['as on a good day', room(50, 150), room(20, 250), 'calm'],
    ['captions wait', room(0, 0), room(1500, 0), 'captions_wait'],
    ['captions wait a little', room(0, 0), room(400, 0), 'near'],
    ['audio waits, and more of it', room(0, 2500), room(0, 3200), 'audio_waits'],
    ['audio waits, and as much as before', room(0, 8000), room(0, 8000), 'audio_waits'],
    ['audio waits and is caught up with', room(0, 30_000), room(0, 26_000), 'near'],
    [
      'audio is caught up with, while captions wait',
      room(0, 9000),
      room(2000, 5000),
      'captions_wait',
    ],
  ])('of a room where %s', (_name, before, now, pressure) => {
    expect(pressureOfRoom(now, before)).toBe(pressure);
  });

  test.each<[string, Pressure, Pressure[], Pressure]>([
    ['all is well', 'calm', ['calm', 'calm'], 'calm'],
    ['there is no room', 'calm', [], 'calm'],
    ['there is too little CPU', 'event_loop', ['calm', 'calm'], 'event_loop'],
    ['the only room suffers', 'calm', ['audio_waits'], 'calm'],
    ['one room of many suffers', 'calm', ['captions_wait', 'calm', 'calm'], 'calm'],
    [
      'half of the rooms suffer',
      'calm',
      ['calm', 'audio_waits', 'audio_waits', 'calm'],
      'audio_waits',
    ],
    ['many only just keep up', 'calm', ['near', 'audio_waits', 'near'], 'near'],
    ['the loop only just keeps up', 'near', ['calm'], 'near'],
  ])('of a process where %s', (_name, loop, rooms, pressure) => {
    expect(pressureOfProcess(loop, rooms)).toBe(pressure);
  });
});

test('an event loop that is blocked all the time is late, one long pause is none', async () => {
  const loop = new LoopDelay();
  const block = (ms: number) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };
  try {
    block(300);
    await delay(700);
    expect(loop.take()).toBeLessThan(LIMITS.eventLoop.late);
    for (let round = 0; round < 5; round += 1) {
      block(200);
      await delay(0);
    }
    expect(loop.take()).toBeGreaterThan(LIMITS.eventLoop.late);
  } finally {
    loop.close();
    loop.close();
  }
});

test('a process takes a step for its rooms where half of them suffer, and tells of it', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const degradation = new ProcessDegradation(logger);
  const rooms: Pressure[] = ['audio_waits', 'audio_waits', 'calm'];
  try {
    await expect
      .poll(() => degradation.look(rooms), { timeout: 20_000, interval: 100 })
      .toMatchObject({ from: 0, to: 1 });
    expect(degradation.level).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('a room process cannot keep up: interims are sent less often');
  } finally {
    degradation.close();
  }
});

test('a worker with a process that cannot keep up takes no rooms, whatever is used', () => {
  const { worker } = loadConfig({
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret',
    SMALLEST_API_KEY: 'key',
    MAX_CPU_PERCENT: '100',
  });
  const state = new WorkerState(worker, createLogger('silent'));
  state.measure(0, 1, true);
  expect(state).toMatchObject({ full: true, load: 1 });
  state.measure(0, 1, false);
  expect(state.full).toBe(false);
  expect(state.load).toBeLessThan(0.7);
});

describe('larger chunks', () => {
  const speech = {
    pauses: Array.from({ length: 30 }, () => 100),
    wordsPerFinal: 3,
    latencyMs: 100,
    vadEvents: true,
    namedAnswers: true,
  };
  const between = (sent: readonly { at: number; ms: number }[], from: number, to: number) =>
    sent.filter(({ at }) => at > from && at < to).map(({ ms }) => ms);

  test('hold four times the audio, from when they are wanted to when they are not', () => {
    const { sent, heard } = simulate({
      ...speech,
      faults: [
        { kind: 'chunks', at: 3020, large: true },
        { kind: 'chunks', at: 8120, large: false },
      ],
    });
    expect(heard).toHaveLength(30);
    expect(new Set(between(sent, 1000, 3000))).toEqual(new Set([50]));
    expect(new Set(between(sent, 3100, 8100))).toEqual(new Set([200]));
    // What was held back goes at once.
    expect(sent.find(({ at }) => at >= 8120)?.at).toBe(8120);
    expect(new Set(between(sent, 8130, 12_000))).toEqual(new Set([50]));
    expect(sent.reduce((sum, { ms }) => sum + ms, 0)).toBe(13_000);
  });

  test('hold nothing back behind the end of speech', () => {
    const faults = [{ kind: 'chunks', at: 0, large: true } as const];
    const { sent, finalsAt } = simulate({
      ...speech,
      pauses: [510, 100],
      gated: true,
      endpointing: false,
      faults,
    });
    // The gate closes 700 ms after the last word, whose final comes with the answer to `finalize`.
    const spokenUntil = 510 + 300 + 100 + 300;
    expect(finalsAt.at(-1)).toBeLessThan(spokenUntil + 700 + 100 + 2 * 50);
    expect(sent.some(({ ms }) => ms % 200 !== 0)).toBe(true);
  });

  test.each([
    [8000, 200],
    [16_000, 200],
    [24_000, 150],
    [48_000, 50],
  ])('are no larger than the service advises: at %d Hz %d ms', (sampleRate, ms) => {
    const machine = new PulseMachine(machineOptions({ apiKey: 'key', sampleRate }), () => 0.5);
    machine.hearing.largeChunks = true;
    const sent: number[] = [];
    const input = (given: Input, now: number) => {
      for (const effect of machine.handle(given, now)) {
        if (effect.type === 'ask') input({ type: 'granted' }, now);
        if (effect.type === 'connect') input({ type: 'opened' }, now);
        if (effect.type === 'audio') sent.push(effect.samples.length);
      }
    };
    for (let at = 0; at < 5000; at += 50) {
      input({ type: 'audio', samples: new Int16Array(sampleRate / 20), at }, at + 50);
    }
    expect(2 * Math.max(...sent)).toBeLessThanOrEqual(8192);
    expect(new Set(sent)).toEqual(new Set([(sampleRate / 1000) * ms]));
  });
});
