import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { type Level, LARGER_CHUNKS } from '../../src/degradation/steps.js';
import {
  createExactRecogniser,
  encodeWords,
  VOCABULARY,
} from '../../src/devkit/pulse-server/exact/index.js';
import { startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { createLogger } from '../../src/logging.js';
import { PulseStream, type PulseEvent } from '../../src/pulse/index.js';
import { RoomDegradation } from '../../src/room/degradation.js';
import { EndlessSpeech, FRAME_MS } from '../support/endless-speech.js';
import { TROUBLES, type Trouble } from '../support/troubles.js';

/**
 * The stream over real sockets, in real time, through everything that the service may do to it. What was said is
 * exactly known, so that loss, doubles and disorder are counted.
 */
const RATE = 16_000;
const FRAME = RATE / 20;
const WORDS = Array.from({ length: 80 }, (_, index) => (index * 37 + 5) % VOCABULARY.length);
const SAID = WORDS.map((index) => VOCABULARY[index]);

/** The highest there is: the network of one machine takes in four megabytes before it is full. */
const HIGH_RATE = 48_000;
/** A connection has answered its first ping by then, and need not answer the next for twice as long. */
const ANSWERED_MS = 10_500;
const PATIENCE = { timeout: 40_000, interval: 100 };

type OnStream = (stream: PulseStream, until: (ms: number) => Promise<void>) => Promise<void>;

/** What the owner of a stream does meanwhile. */
const doings: Record<string, OnStream> = {
  'options changed in mid-speech': async (stream, until) => {
    await until(5300);
    stream.updateOptions({ keywords: 'Blackwell:1' });
    await until(12_000);
    stream.updateOptions({ keywords: 'Jensen Huang:2' });
  },
  'flushes in mid-speech': async (stream, until) => {
    for (const at of [2130, 5260, 9410]) {
      await until(at);
      stream.flush();
    }
  },
};

/** Ten words, a breath, ten words. */
function speech(): Int16Array {
  const parts: Int16Array[] = [new Int16Array(RATE / 2)];
  for (let start = 0; start < WORDS.length; start += 10) {
    const words = WORDS.slice(start, start + 10);
    parts.push(encodeWords(words, { sampleRate: RATE, marginMs: 250 }), new Int16Array(RATE / 2));
  }
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

describe.concurrent('no word is lost, doubled or out of order', () => {
  const cases: [string, Trouble, OnStream | undefined][] = [
    ...Object.entries(TROUBLES).map(([name, trouble]): [string, Trouble, undefined] => [
      name,
      trouble,
      undefined,
    ]),
    ...Object.entries(doings).map(([name, doing]): [string, Trouble, OnStream] => [
      name,
      {},
      doing,
    ]),
  ];
  test.for(cases)('%s', { timeout: 120_000 }, async ([, trouble, doing], { expect }) => {
    const { happens, endAt = Number.POSITIVE_INFINITY } = trouble;
    const server = await startPulseServer({ recogniser: createExactRecogniser(trouble.exact) });
    const events: PulseEvent[] = [];
    const stream = new PulseStream(
      { apiKey: 'key', baseUrl: server.url, vadEvents: true, eouTimeoutMs: 1000 },
      { onEvent: (event) => events.push(event) },
    );
    try {
      const audio = speech();
      const began = performance.now();
      const until = (ms: number): Promise<void> =>
        delay(Math.max(0, began + ms - performance.now()));
      const trial = Promise.all([happens?.(server, until), doing?.(stream, until)]);
      let pushed = 0;
      for (; pushed + FRAME <= audio.length && (pushed / RATE) * 1000 < endAt; pushed += FRAME) {
        const at = (pushed / RATE) * 1000;
        await until(at + 50);
        stream.push(audio.slice(pushed, pushed + FRAME), at);
      }
      await stream.end();
      await trial;
      const heard = events.flatMap((event) =>
        event.type === 'final' ? event.text.split(/\s+/) : [],
      );
      expect(heard).toEqual(SAID.slice(0, wordsBefore(pushed)));
      const marks = turnMarks(events);
      expect(marks).toEqual(alternating(marks.length));
      expect(marks.length % 2).toBe(0);
      expect(events.filter((event) => event.type === 'gap')).toEqual([]);
    } finally {
      stream.close();
      await server.close();
    }
  });

  test(
    'a Pulse that reads too slowly: comfort is given up in order, and comes back',
    { timeout: 120_000 },
    async ({ expect }) => {
      const server = await startPulseServer({ recogniser: createExactRecogniser() });
      const events: PulseEvent[] = [];
      const stream = new PulseStream(
        // Its silence is not to be what is noticed.
        {
          apiKey: 'key',
          baseUrl: server.url,
          sampleRate: HIGH_RATE,
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
      const speech = new EndlessSpeech(HIGH_RATE);
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
        await expect.poll(() => levels, PATIENCE).toEqual([1, 2, 1]);
        silence.abort();
        await live;
        await stream.end();
        const heard = events.flatMap((event) => (event.type === 'final' ? event.words : []));
        expect(heard.map(({ text }) => text)).toEqual(speech.words.slice(0, heard.length));
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
});

/** How many words had ended when this many samples were pushed. */
function wordsBefore(samples: number): number {
  const ms = (samples / RATE) * 1000;
  return WORDS.filter((_, index) => {
    const group = Math.floor(index / 10);
    const groupStart = 500 + group * (500 + 10 * 300 - 60 + 500);
    return groupStart + 250 + (index % 10) * 300 + 240 <= ms;
  }).length;
}

function turnMarks(events: readonly PulseEvent[]): string[] {
  return events.flatMap(({ type }) =>
    type === 'speech_started' || type === 'speech_ended' ? [type] : [],
  );
}

function alternating(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? 'speech_started' : 'speech_ended',
  );
}
