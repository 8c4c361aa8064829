import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { builtThreads } from './test/support/built-threads.js';

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

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        plugins,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
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
          maxConcurrency: 20,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve: { alias },
        plugins,
        test: {
          name: 'e2e',
          // rtc-node prints a debug line for every event of a room unless this is set.
          env: { NODE_ENV: 'production' },
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          // Each file has servers and a recogniser of its own; two cores carry one of them at a time.
          fileParallelism: false,
          // Tests that run side by side mostly wait for speech, which takes its time.
          maxConcurrency: 9,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
