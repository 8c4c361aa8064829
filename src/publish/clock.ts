/** Time as the publisher sees it; replaced in tests. */
export interface Clock {
  /** Milliseconds that never jump. */
  now(): number;
  /** Runs it once, so many milliseconds from now. @returns what takes it back */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
