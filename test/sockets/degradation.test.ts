import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Level, LARGER_CHUNKS } from '../../src/degradation/steps.js';
import {
  createExactRecogniser,
  encodeWords,
  VOCABULARY,
} from '../../src/devkit/pulse-server/exact/index.js';
import { startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { createLogger } from '../../src/logging.js';
import { type PulseEvent, PulseStream } from '../../src/pulse/index.js';
import { RoomDegradation } from '../../src/room/degradation.js';

/** The highest there is: a network of one machine takes four megabytes before it takes no more. */
const RATE = 48_000;
const FRAME_MS = 50;
const FRAME = (RATE / 1000) * FRAME_MS;
const GROUP = 10;
const WORD = { everyMs: 300, firstAt: 750 };
const PATIENCE = { timeout: 40_000, interval: 100 };
/** The connection has answered its first ping by then, and need not answer the next for twice as long. */
const ANSWERED_MS = 10_500;

/** Ten words, a breath, ten words, for as long as it takes. */
class Speech {
  readonly words: number[] = [];
  #audio = new Int16Array(0);
  #groupMs = 0;
  #pushed = 0;

  /** @returns how much has been said, in milliseconds */
  get ms(): number {
    return this.#pushed * FRAME_MS;
  }

  next(): Int16Array {
    const offset = (this.#pushed * FRAME) % Math.max(1, this.#audio.length);
    if (offset === 0) this.#nextGroup();
    this.#pushed += 1;
    return this.#audio.slice(offset, offset + FRAME);
  }

  /** When a word is said. */
  at(index: number): number {
    return (
      Math.floor(index / GROUP) * this.#groupMs + WORD.firstAt + (index % GROUP) * WORD.everyMs
    );
  }

  #nextGroup(): void {
    const from = this.words.length;
    const words = Array.from(
      { length: GROUP },
      (_, at) => ((from + at) * 37 + 5) % VOCABULARY.length,
    );
    this.words.push(...words);
    const said = encodeWords(words, { sampleRate: RATE, marginMs: 250 });
    const breath = (RATE / 1000) * 500;
    const samples = Math.ceil((said.length + 2 * breath) / FRAME) * FRAME;
    this.#audio = new Int16Array(samples);
    this.#audio.set(said, breath);
    this.#groupMs = (samples / RATE) * 1000;
  }
}

test(
  'while Pulse reads too slowly comfort is given up in order, no word is, and all of it comes back',
  { timeout: 120_000 },
  async () => {
    const server = await startPulseServer({ recogniser: createExactRecogniser() });
    const events: PulseEvent[] = [];
    const stream = new PulseStream(
      // Its silence is not to be what is noticed.
      {
        apiKey: 'key',
        baseUrl: server.url,
        sampleRate: RATE,
        silenceLimitMs: 120_000,
        bufferMs: 180_000,
      },
      { onEvent: (event) => void events.push(event) },
    );
    const levels: Level[] = [];
    const causes = new Set<string>();
    const degradation = new RoomDegradation({
      read: () => ({ captionsWaitMs: 0, unsentMs: stream.unsentMs }),
      apply: (level) => {
        levels.push(level);
        stream.useLargeChunks(level >= LARGER_CHUNKS);
      },
      onStep: ({ cause }) => causes.add(cause),
      logger: createLogger('silent'),
    });
    const speech = new Speech();
    const speak = () => {
      const at = speech.ms;
      stream.push(speech.next(), at);
    };
    const silence = new AbortController();
    const began = performance.now();
    let burstMs = 0;
    const live = (async () => {
      while (!silence.signal.aborted) {
        const wait = began + speech.ms - burstMs + FRAME_MS - performance.now();
        if (wait > 0) await delay(wait);
        speak();
      }
    })();
    try {
      await delay(ANSWERED_MS);
      expect(levels).toEqual([]);
      server.faults.stall(true);
      // More than the network takes in.
      const before = speech.ms;
      while (speech.ms < before + 60_000) speak();
      burstMs = speech.ms - before;
      await expect.poll(() => levels, PATIENCE).toEqual([1, 2]);
      server.faults.stall(false);
      await expect.poll(() => levels, PATIENCE).toEqual([1, 2, 1, 0]);
      silence.abort();
      await live;
      await stream.end();
      const heard = events.flatMap((event) => (event.type === 'final' ? event.words : []));
      const said = speech.words.map((index) => VOCABULARY[index]);
      expect(heard.map(({ text }) => text)).toEqual(said.slice(0, heard.length));
      expect(speech.ms - speech.at(heard.length - 1)).toBeLessThan(2000);
      const worst = Math.max(
        ...heard.map(({ start }, index) => Math.abs(start - speech.at(index))),
      );
      expect(worst).toBeLessThan(100);
      expect(events.filter(({ type }) => type === 'gap')).toEqual([]);
      expect(server.stats.opened).toBe(1);
      expect([...causes]).toEqual(['audio_waits']);
    } finally {
      silence.abort();
      degradation.close();
      stream.close();
      await server.close();
    }
  },
);
