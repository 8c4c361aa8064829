import { setTimeout as sleep } from 'node:timers/promises';
import type { Caption } from '../captions/caption.js';
import { CaptionQueue } from './caption-queue.js';
import { type Clock, systemClock } from './clock.js';
import { sendDataMessage } from './data-messages.js';
import type { PublishError, PublishErrorCode } from './errors.js';
import { FailureReporter } from './failure-reporter.js';
import { Followers } from './followers.js';
import type { CaptionChannel, CaptionOutput, SendCaption } from './outputs.js';
import { Pacer } from './pacer.js';
import { sendTextStream } from './text-streams.js';
import { sendTranscriptionSegment } from './transcription-segments.js';

export interface PublisherOptions {
  /** The room's local participant, of kind agent: others may not send text streams in a speaker's name. */
  readonly channel: CaptionChannel;
  readonly outputs: readonly CaptionOutput[];
  /** The least time between two states of one segment, in milliseconds; 0 sends every one. Default 100. */
  readonly intervalMs?: number;
  /** Called the first time an output fails, then once a minute at most while it goes on. */
  readonly onError: (error: PublishError) => void;
  /** LiveKit has taken a state of a caption. */
  readonly onSent?: (caption: Caption, output: CaptionOutput) => void;
  /** Called each time an output fails. */
  readonly onFailure?: (output: CaptionOutput, code: PublishErrorCode, caption: Caption) => void;
  /** How many captions may wait in each output. Default 2000: a quarter of an hour of twenty people. */
  readonly maxWaiting?: number;
  /** Milliseconds to wait before each further try to send a final. Default: seven tries in half a minute. */
  readonly retryDelaysMs?: readonly number[];
  readonly clock?: Clock;
}

/** In the order in which a caption goes out: what most clients read goes first. */
const SENDERS: readonly (readonly [CaptionOutput, SendCaption])[] = [
  ['streams', sendTextStream],
  ['segments', sendTranscriptionSegment],
  ['data', sendDataMessage],
];

const INTERVAL_MS = 100;
/** Between two states of one segment where interims are to be fewer: still a change of text twice a second. */
const FEWER_INTERVAL_MS = 500;
const RETRY_DELAYS_MS = [250, 1000, 3000, 6000, 10_000, 10_000];
const DRAIN_MS = 5000;

/**
 * Sends the captions of one room to everybody in it: the first state of a segment and every final at once, what is between
 * at the pace of `Pacer`. Each output goes on its own: one that is slow or fails does not hold up the others. The first
 * goes a few milliseconds before the others.
 */
export class Publisher {
  readonly #pacer: Pacer;
  readonly #intervalMs: number;
  readonly #queues: readonly CaptionQueue[];
  readonly #followers: Followers;
  #closed: Promise<void> | undefined;

  constructor({
    channel,
    outputs,
    onError,
    onSent,
    onFailure,
    intervalMs = INTERVAL_MS,
    maxWaiting = 2000,
    retryDelaysMs = RETRY_DELAYS_MS,
    clock = systemClock,
  }: PublisherOptions) {
    const wanted = SENDERS.filter(([output]) => outputs.includes(output));
    this.#queues = wanted.map(([output, send]) => {
      const reporter = new FailureReporter(output, onError, () => clock.now());
      return new CaptionQueue({
        send: async (caption) => {
          await send(channel, caption);
          onSent?.(caption, output);
        },
        onFailure: (code, cause, caption) => {
          onFailure?.(output, code, caption);
          reporter.report(code, cause);
        },
        maxWaiting,
        retryDelaysMs,
        now: () => clock.now(),
      });
    });
    this.#followers = new Followers(this.#queues.slice(1), clock);
    this.#intervalMs = intervalMs;
    this.#pacer = new Pacer({ intervalMs, send: (caption) => this.#send(caption), clock });
  }

  /** Whether interims are sent less often than usual. Finals go at once, always. */
  set fewerInterims(fewer: boolean) {
    this.#pacer.intervalMs = fewer
      ? Math.max(this.#intervalMs, FEWER_INTERVAL_MS)
      : this.#intervalMs;
  }

  /** Milliseconds for which the caption that waits longest has not been taken by LiveKit; 0 while none waits. */
  get waitMs(): number {
    return Math.max(...this.#queues.map((queue) => queue.waitMs), 0);
  }

  /** Takes the next state of a segment. Never throws and never waits; does nothing after `close`. */
  publish(caption: Caption): void {
    if (!this.#closed) this.#pacer.push(caption);
  }

  /**
   * Sends what waits for its time, and waits until everything that was taken is out.
   * @returns whether it was, within `timeoutMs`
   */
  async drain(timeoutMs = DRAIN_MS): Promise<boolean> {
    this.#pacer.flush();
    this.#followers.flush();
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

  #send(caption: Caption): void {
    this.#queues[0]?.push(caption);
    this.#followers.push(caption);
  }

  async #end(timeoutMs: number): Promise<void> {
    await this.drain(timeoutMs);
    for (const queue of this.#queues) queue.close();
  }
}
