import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createLogger } from '../../../logging.js';
import type { RoomTranscript } from '../../../transcript/store/room-transcript.js';
import { TranscriptStore } from '../../../transcript/store/store.js';
import { speechIndex } from '../../speech/recordings.js';
import { answerCalls } from '../child/answer-calls.js';
import { type CallShape, identityOf, longCall } from './long-call.js';
import { memory, type Memory } from './memory.js';

export interface Written {
  readonly journals: readonly string[];
  readonly segments: number;
  readonly words: number;
  readonly seconds: number;
  /** After each quarter of the call. */
  readonly quarters: readonly Memory[];
  /** Until the exports were there that a captioner makes when its room ends, and how long nothing else could run. */
  readonly closing: { readonly seconds: number; readonly stallMs: number } & Memory;
}

const QUARTERS = 4;
/** Two captioners are in the room while one follows the other. */
const BOTH_MS = 30_000;

/** Captioners of one room, which end at once: what their transcripts cost, and nothing else. */
const calls = {
  /** @param epoch Unix milliseconds */
  async write(directory: string, shape: CallShape, epoch: number): Promise<Written> {
    const { clips } = await speechIndex();
    const sentences = clips.flatMap(({ text }) => text.match(/[^.?!]+[.?!]+/g) ?? []);
    const lines = sentences.map((line) => line.trim());
    const store = new TranscriptStore({ directory }, createLogger('error'));
    const open = (at: number) => {
      const room = { sid: 'RM_bench', name: 'A long call' };
      const transcript = store.open({ room, epoch: epoch + at });
      for (let person = 0; person < shape.people; person += 1) {
        void transcript.journal.joined(identityOf(person), person);
      }
      return transcript;
    };
    const middle = shape.lengthMs / 2;
    const first = open(0);
    let second: RoomTranscript | undefined;
    const quarters: Memory[] = [];
    let [segments, words] = [0, 0];
    const began = performance.now();
    for (const caption of longCall(shape, lines, epoch, 'SG_first_')) {
      if (caption.start >= ((quarters.length + 1) * shape.lengthMs) / QUARTERS)
        quarters.push(memory());
      if (caption.start < middle + BOTH_MS) await first.journal.segment(caption);
      if (caption.start >= middle) {
        second ??= open(middle);
        await second.journal.segment(byTheOther(caption, middle));
      }
      segments += 1;
      words += caption.words?.length ?? 0;
    }
    quarters.push(memory());
    const seconds = (performance.now() - began) / 1000;
    const closing = await measureEnd(async () => {
      await first.close(middle + BOTH_MS);
      await second?.close(middle);
      await store.close();
    });
    const journals = [first, second].flatMap((one) => one?.journal.path ?? []);
    return { journals, segments, words, seconds, quarters, closing };
  },
};
export type WriterCalls = typeof calls;

function byTheOther(
  caption: Parameters<RoomTranscript['journal']['segment']>[0],
  later: number,
): typeof caption {
  const { id, start, end, words = [] } = caption;
  return {
    ...caption,
    id: `${id}_again`,
    start: start - later,
    end: end - later,
    words: words.map((word) => ({ ...word, start: word.start - later, end: word.end - later })),
  };
}

async function measureEnd(end: () => Promise<void>): Promise<Written['closing']> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = performance.now();
  await end();
  const seconds = (performance.now() - began) / 1000;
  // What stood still until the very end is only seen by the next turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  return { seconds, stallMs: Math.round(delay.max / 1e6), ...memory() };
}

answerCalls(calls, () => Promise.resolve());
