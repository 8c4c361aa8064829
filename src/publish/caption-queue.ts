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
  /** Milliseconds that never jump. */
  readonly now: () => number;
}

interface Waiting {
  readonly caption: Caption;
  /** Since when a state of its segment has waited. */
  readonly since: number;
}

interface Lane {
  /** The newest state of each segment, in the order in which the segments came. */
  readonly waiting: Map<string, Waiting>;
  /** Since when what is under way has waited to be out. */
  since: number | undefined;
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
    const replaced = lane?.waiting.get(caption.id);
    if (!replaced && !this.#makeRoom(caption)) return;
    const waiting = { caption, since: replaced?.since ?? this.#options.now() };
    if (!lane) {
      lane = { waiting: new Map(), since: undefined, done: Promise.resolve() };
      this.#lanes.set(caption.track.sid, lane);
      lane.waiting.set(caption.id, waiting);
      lane.done = this.#run(caption.track.sid, lane);
    } else {
      lane.waiting.set(caption.id, waiting);
    }
    if (!replaced) this.#waiting += 1;
  }

  /** Milliseconds for which what waits longest has not been out; 0 while nothing waits. */
  get waitMs(): number {
    const now = this.#options.now();
    let longest = 0;
    for (const { waiting, since } of this.#lanes.values()) {
      const [next] = waiting.values();
      longest = Math.max(longest, now - (since ?? next?.since ?? now));
    }
    return longest;
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
      for (const { caption } of waiting.values()) this.#drop(waiting, caption);
    }
  }

  async #run(track: string, lane: Lane): Promise<void> {
    // Begins after `push` has returned, with all that came in the same turn of the event loop.
    await Promise.resolve();
    for (;;) {
      const [next] = lane.waiting.values();
      if (!next) break;
      lane.waiting.delete(next.caption.id);
      this.#waiting -= 1;
      lane.since = next.since;
      await this.#deliver(next.caption);
      lane.since = undefined;
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
      const interim = Array.from(waiting.values()).find(({ caption }) => !caption.final);
      if (interim) {
        this.#drop(waiting, interim.caption);
        return true;
      }
    }
    if (!caption.final) return false;
    const [longest] = lanes.sort((one, other) => other.waiting.size - one.waiting.size);
    const [oldest] = longest?.waiting.values() ?? [];
    if (longest && oldest) this.#drop(longest.waiting, oldest.caption);
    return true;
  }

  #drop(waiting: Map<string, Waiting>, caption: Caption): void {
    waiting.delete(caption.id);
    this.#waiting -= 1;
    if (caption.final) this.#options.onFailure('final_lost', undefined, caption);
  }
}
