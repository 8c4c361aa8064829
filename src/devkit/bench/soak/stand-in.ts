import { createExactRecogniser } from '../../pulse-server/exact/index.js';
import { startPulseServer } from '../../pulse-server/index.js';
import { seeded } from '../../seeded.js';
import { answerCalls } from '../child/answer-calls.js';
import { noting } from '../density/noting.js';
import { bring, type Trouble, TROUBLES } from './troubles.js';

/** The stand-in for Pulse, with which something goes wrong now and then. */
const calls = {
  url: () => Promise.resolve(server.url),
  /** From now on, until `calm`. */
  trouble(seed: number): Promise<void> {
    plan(seeded(seed));
    return Promise.resolve();
  },
  /** Nothing more goes wrong. */
  calm(): Promise<void> {
    clearTimeout(timer);
    server.faults.clear();
    return Promise.resolve();
  },
  /** How often each trouble has been. */
  troubles: () => Promise.resolve(counts),
  figures() {
    const { opened, current, peak, limited, refused } = server.stats;
    return Promise.resolve({ opened, current, peak, limited, refused });
  },
  /** The words that each stream was answered. */
  answered: () => Promise.resolve(answers.map((stream) => stream.map(({ word }) => word))),
};
export type SoakStandInCalls = typeof calls;

const LEAST_MS = 8000;
const MOST_MS = 30_000;
const counts: Partial<Record<Trouble, number>> = {};
const { recogniser, answers } = noting(createExactRecogniser());
const server = await startPulseServer({ recogniser });
let timer: NodeJS.Timeout | undefined;

function plan(random: () => number): void {
  timer = setTimeout(
    () => {
      const trouble = TROUBLES[Math.floor(random() * TROUBLES.length)] ?? 'reset';
      counts[trouble] = (counts[trouble] ?? 0) + 1;
      const ms = bring(trouble, server, random);
      timer = setTimeout(() => {
        server.faults.clear();
        plan(random);
      }, ms);
    },
    LEAST_MS + random() * (MOST_MS - LEAST_MS),
  );
}

answerCalls(calls, () => {
  clearTimeout(timer);
  return server.close();
});
