import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TranscriptError } from '../errors.js';
import { removeUnfinished } from '../exports/write-whole.js';
import type { ExportOrder, ThreadAnswer, ThreadOrder } from './export-order.js';

/** Replaced in tests, which cannot wait so long or write so much. */
export interface ExporterLimits {
  /** Of what the thread may hold on to: some hundred hours of speech. What needs more is not exported here. */
  readonly heapMb: number;
  /** Of one call's exports: those of the longest calls take some seconds. */
  readonly mostMs: number;
  /** That the thread stays for the next call. */
  readonly idleMs: number;
}

const LIMITS: ExporterLimits = { heapMb: 512, mostMs: 300_000, idleMs: 5000 };
/** The heap's part for what is short-lived, without which the collector lets it grow by some dozens. */
const YOUNG_MB = 4;

/**
 * Makes the exports of calls in a thread beside the rooms of this process, for one call at a time however many end at
 * once. The thread is there while it has something to do and for a moment more; one that dies is replaced by another.
 */
export class Exporter {
  readonly #limits: ExporterLimits;
  readonly #closing = new AbortController();
  #thread: Worker | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(limits: Partial<ExporterLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * Writes the exports of a call beside its journal, each file whole or not at all; none where nothing can be read.
   * @returns their paths
   * @throws TranscriptError `export_failed`; nothing is left of what was begun, and it can be asked for again
   */
  export(order: ExportOrder): Promise<readonly string[]> {
    const exports = this.#turn.then(() => this.#export(order));
    this.#turn = exports.catch(() => undefined);
    return exports;
  }

  /** Ends what is under way, which fails then. May be called more than once. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the worker ends'));
    await this.#turn;
    await this.#end();
  }

  async #export(order: ExportOrder): Promise<readonly string[]> {
    const tag = randomUUID();
    let answer: ThreadAnswer;
    try {
      answer = await this.#ask({ ...order, tag });
    } catch (cause) {
      await this.#end();
      await removeUnfinished(dirname(order.journal), tag);
      throw failed(order, cause);
    }
    this.#rest();
    if ('paths' in answer) return answer.paths;
    const { code, message, cause } = answer;
    if (code === undefined) throw failed(order, new Error(message));
    throw new TranscriptError(code, message, { cause: cause && new Error(cause) });
  }

  /** @throws what ended the thread */
  async #ask(order: ThreadOrder): Promise<ThreadAnswer> {
    clearTimeout(this.#idle);
    const settled = new AbortController();
    const limit = AbortSignal.timeout(this.#limits.mostMs);
    const signal = AbortSignal.any([settled.signal, limit, this.#closing.signal]);
    signal.throwIfAborted();
    const thread = (this.#thread ??= this.#start());
    thread.ref();
    try {
      // Rejects with what the thread dies of.
      const answered = once(thread, 'message', { signal });
      const gone = once(thread, 'exit', { signal }).then(([code]) => {
        throw new Error(`their thread has ended with ${code}`);
      });
      thread.postMessage(
        order,
        order.others.flatMap(({ objects }) => objects),
      );
      const [answer] = (await Promise.race([answered, gone])) as [ThreadAnswer];
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      settled.abort();
    }
  }

  #start(): Worker {
    const { heapMb } = this.#limits;
    const thread = new Worker(new URL('./export-thread.js', import.meta.url), {
      name: 'exports',
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    // One that dies without work is only not there any more.
    thread.on('error', () => undefined);
    thread.once('exit', () => {
      if (this.#thread === thread) this.#thread = undefined;
    });
    return thread;
  }

  /** Holds neither the process nor, after a while, its memory. */
  #rest(): void {
    this.#thread?.unref();
    this.#idle = setTimeout(() => void this.#end(), this.#limits.idleMs).unref();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }
}

function failed({ journal }: ExportOrder, cause: unknown): TranscriptError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TranscriptError(
    'export_failed',
    `The exports of ${journal} could not be made (${why}). The journal is still there: they are tried again, and "captions export" makes them too.`,
    { cause },
  );
}
