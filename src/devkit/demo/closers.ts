/** What was started, to be stopped in the reverse order. */
export class Closers {
  readonly #closers: { readonly name: string; readonly close: () => Promise<unknown> }[] = [];

  add(name: string, close: () => Promise<unknown>): void {
    this.#closers.push({ name, close });
  }

  /** Stops everything, also when something of it fails: that is told and the rest goes on. */
  async closeAll(log: (line: string) => void): Promise<void> {
    for (let last = this.#closers.pop(); last; last = this.#closers.pop()) {
      try {
        await last.close();
      } catch (error) {
        log(
          `${last.name} did not stop cleanly: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
}
