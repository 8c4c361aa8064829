import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { builtThreads } from './test/support/built-threads.js';
import { LongestFirst } from './test/support/longest-first.js';

/** The page and the examples name the package as an app does; tests of them need no build. */
const ENTRIES = {
  'livekit-pulse-captions': 'index',
  'livekit-pulse-captions/pulse': 'pulse/index',
  'livekit-pulse-captions/schema': 'schema',
  'livekit-pulse-captions/client': 'client/index',
  'livekit-pulse-captions/client/react': 'client/react',
  'livekit-pulse-captions/client/element': 'client/element',
};
const plugins = [builtThreads()];
const alias = Object.entries(ENTRIES).map(([name, file]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(`src/${file}.ts`, import.meta.url)),
}));

/**
 * End-to-end tests that count every word which is spoken to a built worker in real time. Where threads wait long for a
 * core, LiveKit's media loses sound on the way: two at a time, beside nothing that works much. `.ci/run` begins
 * the projects `e2e-…` when its soak is over.
 */
const SPEECH = [
  'badinput',
  'frames',
  'handover',
  'host',
  'livekit-server',
  'metrics',
  'recovery',
  'scarcity',
  'trust',
].map(endToEndFile);

/** Those that need all that two cores have: the real recogniser hears them, a benchmark measures, many run or speak. */
const ALONE = [
  'alerts',
  'bench',
  'browser',
  'captioner-faults',
  'demo',
  'host-memory',
  'recogniser',
  'rooms',
  'worker',
].map(endToEndFile);

/** @throws Error where there is no such file (any more): it would run among the others unnoticed. */
function endToEndFile(name: string): string {
  const file = `test/e2e/${name}.test.ts`;
  if (existsSync(new URL(file, import.meta.url))) return file;
  throw new Error(`vitest.config.ts lists ${file}, which is not there`);
}

/** Files at a time of tests that wait more than they work: two even on two cores, beside CI's soak. */
const AT_A_TIME = Math.max(2, availableParallelism() - 1);

/** How long `expect.poll` waits at most, unless told otherwise: Vitest's second is short where others use the machine. */
const expect = { poll: { timeout: 10_000 } };

/** The built worker, real servers, real speech. */
const endToEnd = {
  expect,
  // rtc-node prints a debug line for every event of a room unless this is set.
  env: { NODE_ENV: 'production' },
  globalSetup: ['test/support/global-setup.ts'],
  // Tests that run side by side mostly wait for speech, which takes its time.
  maxConcurrency: 9,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

/** Projects with the same `groupOrder` run side by side, the others after one another. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: { alias },
        plugins,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          expect,
          maxWorkers: AT_A_TIME,
          // Far more than any of them needs, also where others use the machine.
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        plugins,
        test: {
          name: 'sockets',
          // Real sockets in real time: they mostly wait, so that others run beside them.
          include: ['test/sockets/**/*.test.ts'],
          expect,
          maxWorkers: AT_A_TIME,
          maxConcurrency: 20,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve: { alias },
        plugins,
        test: {
          ...endToEnd,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...SPEECH, ...ALONE],
          // Each file has servers, workers and folders of its own.
          maxWorkers: AT_A_TIME,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        plugins,
        test: {
          ...endToEnd,
          name: 'e2e-speech',
          include: SPEECH,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve: { alias },
        plugins,
        test: {
          ...endToEnd,
          name: 'e2e-alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
