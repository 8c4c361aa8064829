import { performance } from 'node:perf_hooks';
import { exportAll } from '../../../transcript/exports/index.js';
import type { Format } from '../../../transcript/exports/formats.js';
import { readTranscript } from '../../../transcript/read.js';
import { answerCalls } from '../child/answer-calls.js';
import { memory } from './memory.js';

export interface Exported {
  readonly segments: number;
  readonly seconds: number;
  readonly peakMb: number;
}

/** What reads the journals of a call and writes files from them, as the worker and `captions export` do. */
const calls = {
  async export(
    journals: readonly string[],
    directory: string,
    formats: readonly Format[],
  ): Promise<Exported> {
    const began = performance.now();
    const transcript = await readTranscript(journals);
    await exportAll(transcript, directory, formats);
    const seconds = (performance.now() - began) / 1000;
    return { segments: transcript.segments.length, seconds, peakMb: memory().peakMb };
  },
};
export type ExporterCalls = typeof calls;

answerCalls(calls, () => Promise.resolve());
