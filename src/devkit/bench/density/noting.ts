import type { RecognisedWord, Recogniser, RecogniserEvents } from '../../pulse-server/index.js';
import { machineNow } from '../clock.js';

/** A word, when the first answer that has it left for the worker. */
export interface Answered {
  readonly word: string;
  readonly at: number;
}

/**
 * A recogniser, and what it answered on each stream. Answers are sent in the call that brings them, so the time before
 * it is when they leave.
 */
export function noting(recogniser: Recogniser): { recogniser: Recogniser; answers: Answered[][] } {
  const answers: Answered[][] = [];
  const noted: Recogniser = {
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
      return recogniser.open(options, withNotes(events, note));
    },
  };
  return { recogniser: noted, answers };
}

function withNotes(
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
