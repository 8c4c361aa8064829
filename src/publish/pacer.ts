import type { Caption } from '../captions/caption.js';
import type { Clock } from './clock.js';

export interface PacerOptions {
  /** The least time between two states of one segment, in milliseconds. 0: every state is sent. */
  readonly intervalMs: number;
  readonly send: (caption: Caption) => void;
  readonly clock: Clock;
}

interface Segment {
  /** When the next state may go. */
  due: number;
  /** The newest state, which waits for that time. */
  waiting: Caption | undefined;
}

/**
 * Takes the states of all segments of a room and passes on as many as people can follow: the first state of a segment
 * at once, then the newest at most every `intervalMs`. A final never waits, and what waited before it is dropped. There is one
 * timer at most, and none while nothing waits.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #intervalMs: number;
  readonly #segments = new Map<string, Segment>();
  #waiting = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs;
  }

  /** From the next state on. What waits already goes at its time. */
  set intervalMs(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  push(caption: Caption): void {
    const { send, clock } = this.#options;
    const intervalMs = this.#intervalMs;
    const segment = this.#segments.get(caption.id);
    if (caption.final || intervalMs <= 0) {
      this.#segments.delete(caption.id);
      this.#take(segment);
      send(caption);
      return;
    }
    const now = clock.now();
    if (!segment || now >= segment.due) {
      this.#take(segment);
      this.#segments.set(caption.id, { due: now + intervalMs, waiting: undefined });
      send(caption);
      return;
    }
    if (!segment.waiting) this.#waiting += 1;
    segment.waiting = caption;
    this.#wake(segment.due, now);
  }

  /** Passes on what waits, now. */
  flush(): void {
    this.#sendUntil(Number.POSITIVE_INFINITY);
  }

  /** The state that waited, which something newer takes the place of. Without any left there is nothing to wake for. */
  #take(segment: Segment | undefined): Caption | undefined {
    const waiting = segment?.waiting;
    if (!segment || !waiting) return undefined;
    segment.waiting = undefined;
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#sleep();
    return waiting;
  }

  #wake(at: number, now: number): void {
    if (at >= this.#wakeAt) return;
    this.#sleep();
    this.#wakeAt = at;
    this.#cancel = this.#options.clock.after(at - now, () => {
      this.#sleep();
      // A timer may come a fraction of a millisecond early.
      this.#sendUntil(Math.max(at, this.#options.clock.now()));
    });
  }

  #sleep(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  #sendUntil(time: number): void {
    const { send, clock } = this.#options;
    const now = clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const segment of this.#segments.values()) {
      if (segment.due > time) {
        if (segment.waiting) next = Math.min(next, segment.due);
        continue;
      }
      const waiting = this.#take(segment);
      if (!waiting) continue;
      segment.due = now + this.#intervalMs;
      send(waiting);
    }
    if (next < Number.POSITIVE_INFINITY) this.#wake(next, now);
  }
}
