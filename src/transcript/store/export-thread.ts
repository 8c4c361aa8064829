/** A thread that makes exports, so that the rooms of its process do not stand still meanwhile: see `Exporter`. */
import { dirname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { callBeside } from '../call-beside.js';
import { TranscriptError } from '../errors.js';
import { exportAll } from '../exports/index.js';
import { linesOf } from '../lines.js';
import { type JournalSource, readTranscript } from '../read.js';
import type { FetchedJournal, ThreadAnswer, ThreadOrder } from './export-order.js';

/** @returns paths; none where nothing of the call can be read */
async function make({ journal, others, formats, tag }: ThreadOrder): Promise<readonly string[]> {
  const { paths } = await callBeside(journal);
  try {
    const transcript = await readTranscript([...paths, ...others.map(sourceOf)]);
    return await exportAll(transcript, dirname(journal), formats, tag);
  } catch (error) {
    if (error instanceof TranscriptError && error.code === 'unreadable') return [];
    throw error;
  }
}

function sourceOf({ address, objects }: FetchedJournal): JournalSource {
  return {
    address,
    async *lines() {
      for (const object of objects) yield* linesOf(chunksOf(object));
    },
  };
}

/** So that no more of it is text at a time than of a file. */
const CHUNK = 64 * 1024;

function* chunksOf(object: ArrayBuffer): Generator<Uint8Array> {
  for (let from = 0; from < object.byteLength; from += CHUNK) {
    yield new Uint8Array(object, from, Math.min(CHUNK, object.byteLength - from));
  }
}

function answerOf(error: unknown): ThreadAnswer {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  return {
    code: error instanceof TranscriptError ? error.code : undefined,
    message,
    cause: cause instanceof Error ? cause.message : undefined,
  };
}

parentPort?.on('message', (order: ThreadOrder) => {
  make(order).then(
    (paths) => parentPort?.postMessage({ paths } satisfies ThreadAnswer),
    (error: unknown) => parentPort?.postMessage(answerOf(error)),
  );
});
