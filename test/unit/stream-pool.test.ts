import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Applicant, StreamPool } from '../../src/pulse/pool.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Somebody with a stream, who gives it back when asked, in their own time. */
class Person implements Applicant {
  connected = false;
  idle = false;
  asked = false;

  constructor(private readonly pool: StreamPool) {}

  speak(): this {
    this.pool.ask(this, true);
    return this;
  }

  whisper(): this {
    this.pool.ask(this, false);
    return this;
  }

  granted(): void {
    this.connected = true;
  }

  yield(): void {
    this.asked = true;
  }

  isIdle(): boolean {
    return this.idle;
  }

  leave(): void {
    this.connected = false;
    this.asked = false;
    this.pool.release(this);
  }
}

function scene(limit: number) {
  const pool = new StreamPool({ limit, coolMs: 0 });
  return { pool, person: () => new Person(pool) };
}

test('who speaks goes before who is silent, and of those who speak the one who waits longest', () => {
  const { person } = scene(1);
  const holder = person().speak();
  const silent = person().whisper();
  const first = person().speak();
  const second = person().speak();
  expect(holder.connected).toBe(true);
  holder.leave();
  expect([silent, first, second].map(({ connected }) => connected)).toEqual([false, true, false]);
  first.leave();
  expect([silent, second].map(({ connected }) => connected)).toEqual([false, true]);
  second.leave();
  expect(silent.connected).toBe(true);
});

test('who begins to speak while they wait, waits from then on', () => {
  const { person } = scene(1);
  const holder = person().speak();
  const late = person().whisper();
  const first = person().speak();
  late.speak();
  holder.leave();
  expect([late, first].map(({ connected }) => connected)).toEqual([false, true]);
});

test('who is silent takes nothing from anybody', () => {
  const { person } = scene(1);
  const holder = person().speak();
  holder.idle = true;
  person().whisper();
  vi.advanceTimersByTime(60_000);
  expect(holder.asked).toBe(false);
});

test('an idle stream is taken back for who speaks, as soon as it is idle', () => {
  const { person } = scene(2);
  const [one, other] = [person().speak(), person().speak()];
  const waiter = person().speak();
  vi.advanceTimersByTime(1000);
  expect([one.asked, other.asked]).toEqual([false, false]);
  other.idle = true;
  vi.advanceTimersByTime(1000);
  expect([one.asked, other.asked]).toEqual([false, true]);
  other.leave();
  expect(waiter.connected).toBe(true);
});

test('those who speak on and on take turns', () => {
  const { person } = scene(1);
  const people = [person().speak(), person().speak(), person().speak()];
  const turns: number[] = [];
  for (let second = 0; second < 70; second += 1) {
    vi.advanceTimersByTime(1000);
    const index = people.findIndex(({ asked }) => asked);
    const speaker = people[index];
    if (!speaker) continue;
    turns.push(index);
    speaker.leave();
    speaker.speak();
  }
  expect(turns.slice(0, 6)).toEqual([0, 1, 2, 0, 1, 2]);
});

test('one that does not give way is asked again, and others besides', () => {
  const { person } = scene(2);
  const [stuck, other] = [person().speak(), person().speak()];
  person().speak();
  vi.advanceTimersByTime(10_500);
  expect([stuck.asked, other.asked]).toEqual([true, false]);
  vi.advanceTimersByTime(11_000);
  expect([stuck.asked, other.asked]).toEqual([true, false]);
});

test('a limit that sinks is obeyed as soon as streams are given back, idle ones first', () => {
  const { pool, person } = scene(3);
  const [one, two, three] = [person().speak(), person().speak(), person().speak()];
  two.idle = true;
  pool.limit = 2;
  expect([one, two, three].map(({ asked }) => asked)).toEqual([false, true, false]);
  two.leave();
  const waiter = person().speak();
  expect(waiter.connected).toBe(false);
  pool.limit = 3;
  expect(waiter.connected).toBe(true);
});

test('what waits no more is forgotten, and a pool that is closed gives nothing', () => {
  const { pool, person } = scene(1);
  const holder = person().speak();
  const gone = person().speak();
  const next = person().speak();
  gone.leave();
  vi.advanceTimersByTime(500);
  expect(pool.demand).toMatchObject({ held: 1, idle: 0, waiting: [500] });
  pool.close();
  holder.leave();
  expect(next.connected).toBe(false);
});
