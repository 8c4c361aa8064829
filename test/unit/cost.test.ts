import { describe, expect, test } from 'vitest';
import { DayLimit, limitLevel, strictest } from '../../src/cost/limit.js';
import { RoomUsage } from '../../src/cost/room-usage.js';
import { DayBudget } from '../../src/host/day-budget.js';
import type { ToProcess } from '../../src/host/process/messages.js';
import type { PulseEvent } from '../../src/pulse/index.js';
import { RoomStatus } from '../../src/room/status.js';

const sent = (audioMs: number): PulseEvent => ({ type: 'usage', audioMs });
const turn = (start: number, end: number): PulseEvent[] => [
  { type: 'speech_started', at: start },
  { type: 'speech_ended', at: end },
];
const final = (language: string): PulseEvent => ({
  type: 'final',
  text: 'x',
  start: 0,
  end: 1,
  words: [],
  language,
  continuesWord: false,
  endOfTurn: true,
});

test('counts what is sent and said, by track and by the language that is heard', () => {
  const told: number[] = [];
  const usage = new RoomUsage(0.48, (ms) => void told.push(ms));
  const alice = usage.track('TR_a', () => 'en');
  const bob = usage.track('TR_b', () => 'und');
  for (const event of [sent(60_000), ...turn(1000, 4000)]) alice(event);
  for (const event of [sent(10_000), final('fr'), sent(20_000), ...turn(0, 500)]) bob(event);
  usage.track('TR_silent', () => 'en');
  expect(told).toEqual([60_000, 10_000, 20_000]);
  expect(usage.audioMs).toBe(90_000);
  expect(usage.summary).toEqual({
    audioMs: 90_000,
    speechMs: 3500,
    price: 0.012,
    tracks: [
      { track: 'TR_a', audioMs: 60_000, speechMs: 3000, price: 0.008 },
      { track: 'TR_b', audioMs: 30_000, speechMs: 500, price: 0.004 },
    ],
    languages: {
      en: { audioMs: 60_000, speechMs: 3000, price: 0.008 },
      und: { audioMs: 10_000, speechMs: 0, price: 0.001333 },
      fr: { audioMs: 20_000, speechMs: 500, price: 0.002667 },
    },
  });
});

test('a track that is heard again goes on where it was', () => {
  const usage = new RoomUsage(1);
  usage.track('TR_a', () => 'en')(sent(1000));
  usage.track('TR_a', () => 'en')(sent(500));
  expect(usage.summary.tracks).toMatchObject([{ track: 'TR_a', audioMs: 1500 }]);
});

describe('limits', () => {
  test.each([
    [0, 10, 'free'],
    [8.4, 10, 'free'],
    [8.5, 10, 'near'],
    [9.99, 10, 'near'],
    [10, 10, 'spent'],
    [1e9, undefined, 'free'],
  ])('%d of %d minutes is %s', (minutes, most, level) => {
    expect(limitLevel(minutes * 60_000, most)).toBe(level);
  });

  test('the stricter of two holds', () => {
    expect(strictest('near', 'free')).toBe('near');
    expect(strictest('near', 'spent')).toBe('spent');
  });

  test('a day begins anew, also when nothing is sent any more', () => {
    const limit = new DayLimit(1);
    const evening = Date.parse('2026-11-25T23:59:00Z');
    expect(limit.add(60_000, evening)).toBe('spent');
    expect(limit.add(0, evening + 30_000)).toBe('spent');
    expect(limit.add(0, evening + 60_000)).toBe('free');
  });

  test('each process is told once how much of the day is used, and new ones too', () => {
    let now = Date.parse('2026-11-25T12:00:00Z');
    const budget = new DayBudget(1, () => now);
    const process = () => {
      const told: ToProcess[] = [];
      return { told, send: (message: ToProcess) => void told.push(message) };
    };
    const [one, other] = [process(), process()];
    budget.sent(one, 30_000);
    budget.sent(other, 30_000);
    for (let beat = 0; beat < 3; beat += 1) budget.sent(one, 0);
    expect(other.told).toEqual([{ type: 'day', level: 'spent' }]);
    expect(one.told).toEqual([{ type: 'day', level: 'spent' }]);
    now += 86_400_000;
    budget.sent(one, 0);
    expect(one.told).toHaveLength(2);
    expect(one.told[1]).toEqual({ type: 'day', level: 'free' });
  });

  test('a room says that its minutes are nearly used up, and that they are', () => {
    const status = new RoomStatus();
    status.ready();
    status.limitChanged('near');
    expect(status.current).toMatchObject({ state: 'live' });
    expect(status.current.reason).toMatch(/pause soon/);
    status.limitChanged('spent');
    expect(status.current).toMatchObject({ state: 'paused' });
    expect(status.current.reason).toMatch(/used up/);
    status.limitChanged('free');
    expect(status.current).toEqual({ state: 'live', reason: '' });
  });
});
