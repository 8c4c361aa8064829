import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { exportAll } from '../../../transcript/exports/index.js';
import { type Format, FORMATS } from '../../../transcript/exports/formats.js';
import { readTranscript } from '../../../transcript/read.js';
import { Exporter } from '../../../transcript/store/exporter.js';
import { answerCalls } from '../child/answer-calls.js';
import { memory } from './memory.js';

export interface Exported {
  readonly segments: number;
  readonly seconds: number;
  readonly peakMb: number;
}

const exporter = new Exporter();

/** What reads the journals of a call and writes files from them. */
const calls = {
  /** As `captions export` does. */
  async export(journals: readonly string[], directory: string, format: Format): Promise<Exported> {
    const began = performance.now();
    const transcript = await readTranscript(journals);
    await exportAll(transcript, directory, [format]);
    const seconds = (performance.now() - began) / 1000;
    return { segments: transcript.segments.length, seconds, peakMb: memory().peakMb };
  },

  /** As the worker does when a room ends: every form, beside the first journal. */
  async exportAll(journal: string): Promise<Exported> {
    const began = performance.now();
    const paths = await exporter.export({ journal, others: [], formats: FORMATS });
    const seconds = (performance.now() - began) / 1000;
    const { peakMb } = memory();
    const json = paths.find((path) => path.endsWith('.json')) ?? '';
    const { segments } = JSON.parse(await readFile(json, 'utf8')) as { segments: unknown[] };
    return { segments: segments.length, seconds, peakMb };
  },
};
export type ExporterCalls = typeof calls;

answerCalls(calls, () => exporter.close());
