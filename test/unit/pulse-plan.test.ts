import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createExactRecogniser,
  encodeWords,
  VOCABULARY,
} from '../../src/devkit/pulse-server/exact/index.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import type { PulseEvent } from '../../src/pulse/index.js';
import { StreamPool } from '../../src/pulse/pool.js';
import { PulseStream } from '../../src/pulse/stream.js';
import { alphabetWords, PERFECT, tally } from '../support/alphabet.js';

/** People who share the streams of a plan, and what becomes of their words. */
const RATE = 8000;
const FRAME_MS = 50;
const SPEECH = { sampleRate: RATE, wordMs: 240, marginMs: 200 };

let server: PulseServer;
beforeEach(async () => {
  server = await startPulseServer({ recogniser: createExactRecogniser() });
});
afterEach(() => server.close());

class Person {
  readonly events: PulseEvent[] = [];
  readonly said: string[] = [];
  readonly #stream: PulseStream;
  #clock = 0;

  constructor(
    private readonly number: number,
    pool: StreamPool,
  ) {
    this.#stream = new PulseStream(
      { apiKey: 'key', baseUrl: server.url, vadEvents: true, sampleRate: RATE },
      { onEvent: (event) => void this.events.push(event) },
      undefined,
      pool,
    );
  }

  /** As a gate lets it through: the words, and then nothing. */
  say(count: number): void {
    const words = Array.from(
      { length: count },
      (_, index) => (this.number * 7 + this.said.length + index) % VOCABULARY.length,
    );
    this.said.push(...alphabetWords(words));
    this.#push(encodeWords(words, SPEECH));
    this.breathe(800);
    this.#stream.flush();
    this.#clock += 2000;
  }

  /** Somebody who is not muted, and silent. */
  breathe(ms: number): void {
    this.#push(new Int16Array((RATE * ms) / 1000));
  }

  get heard(): string {
    return this.events.flatMap((event) => (event.type === 'final' ? event.text : [])).join(' ');
  }

  get troubles(): (Error | undefined)[] {
    return this.events.flatMap((event) =>
      event.type === 'connection' && event.error ? [event.error] : [],
    );
  }

  end(): Promise<void> {
    return this.#stream.end();
  }

  close(): void {
    this.#stream.close();
  }

  #push(samples: Int16Array): void {
    const frame = (RATE * FRAME_MS) / 1000;
    for (let offset = 0; offset < samples.length; offset += frame) {
      this.#stream.push(samples.slice(offset, offset + frame), this.#clock);
      this.#clock += FRAME_MS;
    }
  }
}

const wordsOf = (text: string): number => text.split(' ').filter(Boolean).length;

test('300 people, of whom 20 speak at a time, lose no word on a plan of 100 streams', async () => {
  server.faults.streamLimit = 100;
  const pool = new StreamPool({ limit: 100 });
  const people = Array.from({ length: 300 }, (_, number) => new Person(number, pool));
  for (const person of people) person.breathe(500);
  for (let first = 0; first < people.length; first += 20) {
    const speakers = people.slice(first, first + 20);
    for (const speaker of speakers) speaker.say(2);
    await expect
      .poll(() => speakers.map(({ heard }) => wordsOf(heard)), { timeout: 30_000, interval: 30 })
      .toEqual(speakers.map(() => 2));
  }
  expect(people.map(({ said, heard }) => tally(said, heard))).toEqual(people.map(() => PERFECT));
  expect(people.flatMap(({ events }) => events.filter(({ type }) => type === 'gap'))).toEqual([]);
  expect(server.stats.peak).toBeLessThanOrEqual(100);
  await Promise.all(people.map((person) => person.end()));
  await expect.poll(() => pool.demand).toEqual({ held: 0, idle: 0, waiting: [] });
}, 60_000);

test('two who take turns share one stream', async () => {
  server.faults.streamLimit = 1;
  const pool = new StreamPool({ limit: 1 });
  const [one, other] = [new Person(1, pool), new Person(2, pool)];
  for (let turn = 1; turn <= 2; turn += 1) {
    for (const person of [one, other]) {
      person.say(3);
      await expect.poll(() => wordsOf(person.heard), { timeout: 15_000 }).toBe(3 * turn);
    }
  }
  for (const { said, heard } of [one, other]) expect(tally(said, heard)).toEqual(PERFECT);
  expect(server.stats.peak).toBe(1);
  await Promise.all([one.end(), other.end()]);
}, 60_000);

test('three who speak at once on one stream are all heard, and are told that they wait', async () => {
  const pool = new StreamPool({ limit: 1 });
  const people = [1, 2, 3].map((number) => new Person(number, pool));
  for (const person of people) person.say(20);
  await Promise.all(people.map((person) => person.end()));
  for (const { said, heard } of people) expect(tally(said, heard)).toEqual(PERFECT);
  expect(server.stats.peak).toBe(1);
  expect(people.flatMap(({ troubles }) => troubles)).toMatchObject([
    { code: 'no_stream' },
    { code: 'no_stream' },
  ]);
}, 60_000);
