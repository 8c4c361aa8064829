import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FORMATS } from '../../../transcript/exports/formats.js';
import { type Child, startChild } from '../child/start.js';
import { barLine } from '../density/table.js';
import { print } from '../options.js';
import { barsOf } from './bars.js';
import type { Exported, ExporterCalls } from './exporter.js';
import { HELP, parseTranscriptOptions } from './options.js';
import type { CallShape } from './long-call.js';
import type { WriterCalls, Written } from './writer.js';

const EPOCH = Date.UTC(2026, 10, 25, 9);
const HOUR_MS = 3_600_000;

/** What the transcript of a long call costs: to write as it happens, and to read, merge and export. */
export async function benchTranscript(
  args: readonly string[],
  signal: AbortSignal,
): Promise<object | undefined> {
  const options = parseTranscriptOptions(args);
  if (options === 'help') {
    print(HELP);
    return undefined;
  }
  const { hours, people, speaking } = options;
  const directory = await mkdtemp(join(tmpdir(), 'bench-transcript-'));
  try {
    print(
      `Writing a call of ${hours} h with ${people} people, of whom ${speaking} speak at a time …`,
    );
    const shape = { lengthMs: hours * HOUR_MS, people, speaking };
    const written = await write(directory, shape, signal);
    const bytes = await sizeOf(written.journals);
    print(describeWriting(written, bytes));
    const exports: Record<string, Exported> = {};
    for (const name of [...FORMATS, 'all'] as const) {
      const exported = await inExporter(signal, (exporter) =>
        name === 'all'
          ? exporter.ask('exportAll', written.journals[0] ?? '')
          : exporter.ask('export', written.journals, join(directory, 'exports'), name),
      );
      print(`${name}: ${exported.seconds.toFixed(2)} s, at most ${exported.peakMb} MB`);
      exports[name] = exported;
    }
    const bars = barsOf(written, Object.values(exports));
    print(`\n${bars.map(barLine).join('\n')}`);
    return {
      bench: 'transcript',
      node: process.version,
      ...options,
      bytes,
      written,
      exports,
      bars,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function write(directory: string, shape: CallShape, signal: AbortSignal): Promise<Written> {
  const writer = startChild<WriterCalls>(new URL('./writer.js', import.meta.url), signal);
  try {
    return await writer.ask('write', directory, shape, EPOCH);
  } finally {
    await writer.close();
  }
}

/** In a process of its own each time, whose memory is that of nothing else. */
async function inExporter(
  signal: AbortSignal,
  work: (exporter: Child<ExporterCalls>) => Promise<Exported>,
): Promise<Exported> {
  const exporter = startChild<ExporterCalls>(new URL('./exporter.js', import.meta.url), signal);
  try {
    return await work(exporter);
  } finally {
    await exporter.close();
  }
}

async function sizeOf(paths: readonly string[]): Promise<number> {
  const files = await Promise.all(paths.map((path) => stat(path)));
  return files.reduce((sum, { size }) => sum + size, 0);
}

function describeWriting(
  { segments, words, seconds, quarters, closing }: Written,
  bytes: number,
): string {
  const memory = quarters
    .map(({ nowMb, peakMb, heapMb }) => `${nowMb} (${peakMb}, ${heapMb})`)
    .join(', ');
  return [
    `${segments} segments, ${words} words, ${(bytes / 1e6).toFixed(1)} MB, written in ${seconds.toFixed(2)} s`,
    `memory (its peak, and what is in use) after each quarter, MB: ${memory}`,
    `the end, with exports: ${closing.seconds.toFixed(2)} s, ${closing.stallMs} ms without a turn for others, at most ${closing.peakMb} MB`,
  ].join('\n');
}
