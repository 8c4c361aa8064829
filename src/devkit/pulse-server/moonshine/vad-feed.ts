import { RECOGNISER_RATE } from '../recogniser.js';
import type { Engine } from './engine.js';

/** Sound that waits for the detector beyond this makes `push` return a promise. */
const MOST_WAITING = 5 * RECOGNISER_RATE;

export interface FeedOwner {
  window(samples: Float32Array, probability: number): void;
  /** Resolves when more sound is wanted. */
  ready(): Promise<unknown>;
  failed(error: unknown): void;
}

type Item = Int16Array | (() => void);

/**
 * Cuts sound into the windows of the voice detector, asks it about each, one after the other, and hands them on with
 * the answer. Marks run when the sound before them has been handed on.
 */
export class VadFeed {
  private readonly items: Item[] = [];
  private readonly vad: ReturnType<Engine['createVad']>;
  private readonly window: Int16Array;
  private filled = 0;
  private lastProbability = 0;
  private waiting = 0;
  private running = false;
  private drained: Promise<void> | undefined;
  private onDrained: (() => void) | undefined;
  private closed = false;

  constructor(
    engine: Engine,
    private readonly owner: FeedOwner,
  ) {
    this.vad = engine.createVad();
    this.window = new Int16Array(engine.vadWindow);
  }

  push(samples: Int16Array): Promise<void> | undefined {
    if (this.closed || samples.length === 0) return undefined;
    this.items.push(samples);
    this.waiting += samples.length;
    this.start();
    if (this.waiting < MOST_WAITING) return undefined;
    this.drained ??= new Promise((resolve) => (this.onDrained = resolve));
    return this.drained;
  }

  /** Resolves when `run` has run. */
  mark(run: () => void): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.items.push(() => {
        run();
        resolve();
      });
      this.start();
    });
  }

  close(): void {
    this.closed = true;
    for (const item of this.items.splice(0)) if (!(item instanceof Int16Array)) item();
    this.release();
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    this.work().catch((error: unknown) => this.owner.failed(error));
  }

  private async work(): Promise<void> {
    for (;;) {
      const item = this.items.shift();
      if (item === undefined) {
        this.running = false;
        return;
      }
      if (item instanceof Int16Array) await this.consume(item);
      else this.pass(item);
    }
  }

  private pass(mark: () => void): void {
    // The part of a window that is there belongs before the mark, and must not wait for the rest.
    if (this.filled > 0) this.handOn(this.window.slice(0, this.filled), this.lastProbability);
    this.filled = 0;
    mark();
  }

  private async consume(samples: Int16Array): Promise<void> {
    for (let at = 0; at < samples.length && !this.closed;) {
      const taken = samples.subarray(at, at + this.window.length - this.filled);
      this.window.set(taken, this.filled);
      this.filled += taken.length;
      at += taken.length;
      if (this.filled < this.window.length) continue;
      this.filled = 0;
      await this.owner.ready();
      this.lastProbability = await this.vad.predict(this.window);
      this.handOn(this.window, this.lastProbability);
    }
    this.waiting -= samples.length;
    if (this.waiting < MOST_WAITING / 2) this.release();
  }

  private release(): void {
    this.onDrained?.();
    this.onDrained = undefined;
    this.drained = undefined;
  }

  private handOn(samples: Int16Array, probability: number): void {
    if (this.closed) return;
    this.owner.window(
      Float32Array.from(samples, (sample) => sample / 32_768),
      probability,
    );
  }
}
