import { setTimeout as sleep } from 'node:timers/promises';
import type { Caption } from '../captions/caption.js';
import type { PublishErrorCode } from './errors.js';

export interface CaptionQueueOptions {
  /** Settles when the caption is out. */
  readonly send: (caption: Caption) => Promise<void>;
  readonly onFailure: (code: PublishErrorCode, cause: unknown, caption: Caption) => void;
  /** How many captions may wait, over all tracks. */
  readonly maxWaiting: number;
  /** Milliseconds to wait before each further try to send a final. */
  readonly retryDelaysMs: readonly number[];
}

interface Lane {
  /** The newest state of each segment, in the order in which the segments came. */
  readonly waiting: Map<string, Caption>;
  done: Promise<void>;
}

/**
 * Captions on their way to one output. Those of a track go out one after the other, tracks do not wait for one
 * another. While a state waits, a newer one of its segment takes its place, so a slow output skips interims. Finals are
 * tried again, and go last when too many wait: interims first, then the oldest final.
 */
export class CaptionQueue {
  readonly #options: CaptionQueueOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #closing = new AbortController();
  #waiting = 0;

  constructor(options: CaptionQueueOptions) {
    this.#options = options;
  }

  push(caption: Caption): void {
    if (this.#closing.signal.aborted) return;
    let lane = this.#lanes.get(caption.track.sid);
    const replaces = lane?.waiting.has(caption.id) ?? false;
    if (!replaces && !this.#makeRoom(caption)) return;
    if (!lane) {
      lane = { waiting: new Map(), done: Promise.resolve() };
      this.#lanes.set(caption.track.sid, lane);
      lane.waiting.set(caption.id, caption);
      lane.done = this.#run(caption.track.sid, lane);
    } else {
      lane.waiting.set(caption.id, caption);
    }
    if (!replaces) this.#waiting += 1;
  }

  /** Settles when nothing waits or is under way. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0) {
      await Promise.all(Array.from(this.#lanes.values(), ({ done }) => done));
    }
  }

  /** Drops what waits, and tries nothing again. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    for (const { waiting } of this.#lanes.values()) {
      for (const caption of waiting.values()) this.#drop(waiting, caption);
    }
  }

  async #run(track: string, lane: Lane): Promise<void> {
    // Begins after `push` has returned, with all that came in the same turn of the event loop.
    await Promise.resolve();
    for (;;) {
      const [next] = lane.waiting.values();
      if (!next) break;
      lane.waiting.delete(next.id);
      this.#waiting -= 1;
      await this.#deliver(next);
    }
    this.#lanes.delete(track);
  }

  async #deliver(caption: Caption): Promise<void> {
    const { send, onFailure, retryDelaysMs } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await send(caption);
        return;
      } catch (cause) {
        onFailure('send_failed', cause, caption);
        if (!caption.final) return;
        const delay = retryDelaysMs[attempt];
        if (delay === undefined || !(await this.#pause(delay))) {
          onFailure('final_lost', cause, caption);
          return;
        }
      }
    }
  }

  /** @returns false when the queue was closed meanwhile */
  async #pause(ms: number): Promise<boolean> {
    try {
      await sleep(ms, undefined, { signal: this.#closing.signal });
      return true;
    } catch {
      return false;
    }
  }

  /** @returns whether there is a place for the caption */
  #makeRoom(caption: Caption): boolean {
    if (this.#waiting < this.#options.maxWaiting) return true;
    const lanes = [...this.#lanes.values()];
    for (const { waiting } of lanes) {
      const interim = Array.from(waiting.values()).find(({ final }) => !final);
      if (interim) {
        this.#drop(waiting, interim);
        return true;
      }
    }
    if (!caption.final) return false;
    const [longest] = lanes.sort((one, other) => other.waiting.size - one.waiting.size);
    const [oldest] = longest?.waiting.values() ?? [];
    if (longest && oldest) this.#drop(longest.waiting, oldest);
    return true;
  }

  #drop(waiting: Map<string, Caption>, caption: Caption): void {
    waiting.delete(caption.id);
    this.#waiting -= 1;
    if (caption.final) this.#options.onFailure('final_lost', undefined, caption);
  }
}
