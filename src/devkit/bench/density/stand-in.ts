import { createExactRecogniser } from '../../pulse-server/exact/index.js';
import { startPulseServer } from '../../pulse-server/index.js';
import { answerCalls } from '../child/answer-calls.js';
import { type Answered, noting } from './noting.js';

/** The stand-in for Pulse, which notes what it answers. */
const calls = {
  url: () => Promise.resolve(server.url),
  /** How many streams have brought audio since the last `take`, and are open. */
  streams(): Promise<number> {
    const heard = server.stats.streams.slice(taken).filter(({ closed, audioMs }) => {
      return !closed && audioMs > ENOUGH_MS;
    });
    return Promise.resolve(heard.length);
  },
  /** Milliseconds of audio that have come at all. */
  audioMs: () => Promise.resolve(server.stats.audioMs),
  /** What every stream was answered since the last time. */
  take(): Promise<Answered[][]> {
    taken = server.stats.streams.length;
    return Promise.resolve(answers.splice(0));
  },
};
export type StandInCalls = typeof calls;

const ENOUGH_MS = 300;
let taken = 0;
const { recogniser, answers } = noting(createExactRecogniser());
const server = await startPulseServer({ recogniser });

answerCalls(calls, () => server.close());
