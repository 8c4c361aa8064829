import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  createExactRecogniser,
  encodeWords,
  VOCABULARY,
  type ExactOptions,
} from '../../src/devkit/pulse-server/exact/index.js';
import { startPulseServer, type PulseServer } from '../../src/devkit/pulse-server/index.js';
import { PulseStream, type PulseEvent } from '../../src/pulse/index.js';

/**
 * The stream over real sockets, in real time, through everything that the service may do to it. What was said is
 * exactly known, so that loss, doubles and disorder are counted.
 */
const RATE = 16_000;
const FRAME = RATE / 20;
const WORDS = Array.from({ length: 80 }, (_, index) => (index * 37 + 5) % VOCABULARY.length);
const SAID = WORDS.map((index) => VOCABULARY[index]);

interface Trouble {
  readonly exact?: ExactOptions;
  /** Called when speech begins; `until` resolves at a time of the speech, in milliseconds. */
  readonly happens?: (
    server: PulseServer,
    until: (ms: number) => Promise<void>,
    stream: PulseStream,
  ) => Promise<void> | void;
  /** The stream is ended at this time of the speech although more would follow. */
  readonly endAt?: number;
}

async function outage(server: PulseServer, ms: number): Promise<void> {
  server.down();
  server.faults.resetAll();
  await delay(ms);
  await server.up();
}

const troubles: Record<string, Trouble> = {
  'no trouble': {},
  'resets at 20 random moments': {
    happens: (server) => server.faults.resetAtRandom(300, 2500, 20),
  },
  'an outage of 10 s': {
    happens: async (server, until) => {
      await until(6000);
      await outage(server, 10_000);
    },
  },
  'an outage of 30 s': {
    happens: async (server, until) => {
      await until(3000);
      await outage(server, 30_000);
    },
  },
  'no stream free (1008) for 10 s': {
    happens: async (server, until) => {
      await until(5000);
      server.faults.streamLimit = 0;
      server.faults.closeAll(1008, 'no stream');
      await delay(10_000);
      server.faults.clear();
    },
  },
  '429 with Retry-After': {
    happens: async (server, until) => {
      await until(5000);
      server.faults.refuse({ status: 429, retryAfter: 3, count: 2 });
      server.faults.resetAll();
    },
  },
  '429 without Retry-After': {
    happens: async (server, until) => {
      await until(5000);
      server.faults.refuse({ status: 429, count: 4 });
      server.faults.resetAll();
    },
  },
  'a hang': {
    happens: async (server, until) => {
      await until(5000);
      server.faults.hang({ existing: true });
    },
  },
  'a stall of 10 s': {
    happens: async (server, until) => {
      await until(5000);
      server.faults.stall(true);
      await delay(10_000);
      server.faults.stall(false);
    },
  },
  'junk in between': {
    happens: (server) => {
      server.faults.junk = true;
    },
  },
  'half a second of latency': { exact: { latencyMs: 500 } },
  'half a second of latency, and resets': {
    exact: { latencyMs: 500 },
    happens: (server) => server.faults.resetAtRandom(2000, 6000, 5),
  },
  'every word finalised, and resets': {
    exact: { wordsPerFinal: 1 },
    happens: (server) => server.faults.resetAtRandom(500, 4000, 8),
  },
  'a reset while catching up': {
    happens: async (server, until) => {
      await until(4000);
      server.faults.resetAfterAudio(3000, 2);
      await outage(server, 8000);
    },
  },
  'options changed in mid-speech': {
    happens: async (_server, until, stream) => {
      await until(5300);
      stream.updateOptions({ keywords: 'Blackwell:1' });
      await until(12_000);
      stream.updateOptions({ keywords: 'Jensen Huang:2' });
    },
  },
  'flushes in mid-speech': {
    happens: async (_server, until, stream) => {
      for (const at of [2130, 5260, 9410]) {
        await until(at);
        stream.flush();
      }
    },
  },
  'the end during an outage': {
    endAt: 15_800,
    happens: async (server, until) => {
      await until(8000);
      await outage(server, 12_000);
    },
  },
  'never is_last': {
    happens: (server) => {
      server.faults.withoutLast = true;
    },
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
  test.each(Object.entries(troubles))('%s', { timeout: 120_000 }, async (_, trouble) => {
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
      const trial = happens?.(server, until, stream);
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
      expectPairs(events);
      expect(events.filter((event) => event.type === 'gap')).toEqual([]);
    } finally {
      stream.close();
      await server.close();
    }
  });
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

function expectPairs(events: readonly PulseEvent[]): void {
  const marks = events.flatMap(({ type }) =>
    type === 'speech_started' || type === 'speech_ended' ? [type] : [],
  );
  expect(marks).toEqual(
    marks.map((_, index) => (index % 2 === 0 ? 'speech_started' : 'speech_ended')),
  );
  expect(marks.length % 2).toBe(0);
}
