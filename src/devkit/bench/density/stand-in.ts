import { createExactRecogniser } from '../../pulse-server/exact/index.js';
import {
  type RecognisedWord,
  type Recogniser,
  type RecogniserEvents,
  startPulseServer,
} from '../../pulse-server/index.js';
import { answerCalls } from '../child/answer-calls.js';
import { machineNow } from '../clock.js';

/** A word, when the first answer that has it left for the worker. */
export interface Answered {
  readonly word: string;
  readonly at: number;
}

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
const answers: Answered[][] = [];
let taken = 0;
const server = await startPulseServer({ recogniser: noting(createExactRecogniser()) });

/** Answers are sent in the call that brings them, so the time before it is when they leave. */
function noting(recogniser: Recogniser): Recogniser {
  return {
    ...recogniser,
    open(options, events) {
      const answered: Answered[] = [];
      const known = new Set<string>();
      answers.push(answered);
      const note = (words: readonly RecognisedWord[]) => {
        const at = machineNow();
        for (const { text } of words) {
          if (!known.has(text)) answered.push({ word: text, at });
          known.add(text);
        }
      };
      return recogniser.open(options, noted(events, note));
    },
  };
}

function noted(
  events: RecogniserEvents,
  note: (words: readonly RecognisedWord[]) => void,
): RecogniserEvents {
  return {
    ...events,
    interim(words) {
      note(words);
      events.interim(words);
    },
    final(words, endsUtterance) {
      note(words);
      events.final(words, endsUtterance);
    },
  };
}

answerCalls(calls, () => server.close());
