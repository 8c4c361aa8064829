import type { Caption } from '../captions/caption.js';
import type { CaptionQueue } from './caption-queue.js';
import type { Clock } from './clock.js';

/** Longer than LiveKit's library takes to send the packets of a text stream, and shorter than anybody notices. */
const FOLLOW_MS = 3;

/**
 * The outputs that go a moment after the first one. All of a participant's packets share one way to the server, where
 * those of the output that most people read would wait among those of the others.
 */
export class Followers {
  #waiting: Caption[] = [];
  #cancel: (() => void) | undefined;

  constructor(
    private readonly queues: readonly CaptionQueue[],
    private readonly clock: Clock,
  ) {}

  push(caption: Caption): void {
    if (this.queues.length === 0) return;
    this.#waiting.push(caption);
    this.#cancel ??= this.clock.after(FOLLOW_MS, () => this.flush());
  }

  /** What waits goes now, in its order. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const caption of this.#waiting.splice(0)) {
      for (const queue of this.queues) queue.push(caption);
    }
  }
}
