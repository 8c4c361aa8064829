/** Runs callbacks in the order in which they were added, each a while after. A delay of 0 with nothing waiting runs at once. */
export class DelayLine {
  private readonly waiting: { readonly due: number; readonly run: () => void }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  add(delayMs: number, run: () => void): void {
    if (this.closed) return;
    if (delayMs <= 0 && this.waiting.length === 0) {
      run();
      return;
    }
    // Never before the one ahead of it, also when the delay was made shorter meanwhile.
    const ahead = this.waiting.at(-1)?.due ?? 0;
    this.waiting.push({ due: Math.max(ahead, performance.now() + delayMs), run });
    this.timer ??= setTimeout(() => this.runDue(), delayMs);
  }

  /** Drops what waits. Callbacks that are added later never run. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.length = 0;
  }

  private runDue(): void {
    this.timer = undefined;
    const now = performance.now();
    while (!this.closed) {
      const head = this.waiting[0];
      if (head === undefined) return;
      if (head.due > now) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.runDue(), head.due - now);
        return;
      }
      this.waiting.shift();
      head.run();
    }
  }
}
