import { setTimeout as delay } from 'node:timers/promises';
import type { ExactOptions } from '../../src/devkit/pulse-server/exact/index.js';
import type { PulseServer } from '../../src/devkit/pulse-server/index.js';

/** Something that a recogniser's service does to speech of half a minute. */
export interface Trouble {
  readonly exact?: ExactOptions;
  /** Called when speech begins. `until` resolves at a time of the speech, in milliseconds. */
  readonly happens?: (
    server: PulseServer,
    until: (ms: number) => Promise<void>,
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

/** Everything that a client must get over without a loss. */
export const TROUBLES: Readonly<Record<string, Trouble>> = {
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
