import { setTimeout as sleep } from 'node:timers/promises';
import type { Caption } from '../captions/caption.js';
import { CaptionQueue } from './caption-queue.js';
import { sendDataMessage } from './data-messages.js';
import type { PublishError } from './errors.js';
import { FailureReporter } from './failure-reporter.js';
import type { CaptionChannel, CaptionOutput, SendCaption } from './outputs.js';
import { sendTextStream } from './text-streams.js';
import { sendTranscriptionSegment } from './transcription-segments.js';

export interface PublisherOptions {
  /** The room's local participant, of kind agent: others may not send text streams in a speaker's name. */
  readonly channel: CaptionChannel;
  readonly outputs: readonly CaptionOutput[];
  /** Called the first time an output fails, then once a minute at most while it goes on. */
  readonly onError: (error: PublishError) => void;
  /** How many captions may wait in each output. Default 2000: a quarter of an hour of twenty people. */
  readonly maxWaiting?: number;
  /** Milliseconds to wait before each further try to send a final. Default 250, 1000, 4000. */
  readonly retryDelaysMs?: readonly number[];
  readonly monotonicNow?: () => number;
}

const SENDERS: Record<CaptionOutput, SendCaption> = {
  streams: sendTextStream,
  segments: sendTranscriptionSegment,
  data: sendDataMessage,
};

const DRAIN_MS = 5000;

/**
 * Sends the captions of one room to everybody in it, by each of its outputs on its own: one that is slow or fails
 * does not hold up the others.
 */
export class Publisher {
  readonly #queues: readonly CaptionQueue[];
  #closed: Promise<void> | undefined;

  constructor({
    channel,
    outputs,
    onError,
    maxWaiting = 2000,
    retryDelaysMs = [250, 1000, 4000],
    monotonicNow = () => performance.now(),
  }: PublisherOptions) {
    this.#queues = [...new Set(outputs)].map((output) => {
      const reporter = new FailureReporter(output, onError, monotonicNow);
      return new CaptionQueue({
        send: (caption) => SENDERS[output](channel, caption),
        onFailure: (code, cause) => reporter.report(code, cause),
        maxWaiting,
        retryDelaysMs,
      });
    });
  }

  /** Takes the next state of a segment. Never throws and never waits; does nothing after `close`. */
  publish(caption: Caption): void {
    if (this.#closed) return;
    for (const queue of this.#queues) queue.push(caption);
  }

  /**
   * Waits until everything that was taken is out.
   * @returns whether it was, within `timeoutMs`
   */
  async drain(timeoutMs = DRAIN_MS): Promise<boolean> {
    const idle = Promise.all(this.#queues.map((queue) => queue.idle())).then(() => true);
    const timer = new AbortController();
    const timeout = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
    try {
      return await Promise.race([idle, timeout]);
    } finally {
      timer.abort();
    }
  }

  /** Takes nothing more, waits as `drain` does, then gives up what is left. Later calls wait for the first. */
  close(timeoutMs = DRAIN_MS): Promise<void> {
    this.#closed ??= this.#end(timeoutMs);
    return this.#closed;
  }

  async #end(timeoutMs: number): Promise<void> {
    await this.drain(timeoutMs);
    for (const queue of this.#queues) queue.close();
  }
}
