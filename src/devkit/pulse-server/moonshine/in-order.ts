/** Runs things one after the other in the order in which they came. What must not fail must see to that itself. */
export class InOrder {
  /** How many have not ended yet. */
  waiting = 0;
  private chain: Promise<void> = Promise.resolve();

  /** Resolves when everything that was added so far has ended. */
  get idle(): Promise<void> {
    return this.chain;
  }

  add(run: () => void | Promise<void>): void {
    this.waiting += 1;
    this.chain = this.chain.then(run).then(() => {
      this.waiting -= 1;
    });
  }

  /** At once when nothing is before it. */
  soon(run: () => void): void {
    if (this.waiting === 0) run();
    else this.add(run);
  }
}
