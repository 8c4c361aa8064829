const WIDTH = 30;
const MEGABYTE = 1_000_000;

/** A bar on a terminal; nothing elsewhere, where it would only fill a log. */
export class ProgressBar {
  readonly #out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;
  #shown = '';

  constructor(out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>) {
    this.#out = out;
  }

  /** Bytes that are sent, of all. */
  update(sent: number, total: number): void {
    if (!this.#out.isTTY) return;
    const share = total > 0 ? Math.min(1, sent / total) : 1;
    const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.');
    const done = share === 1 ? 'sent, being recognised' : `${Math.floor(share * 100)} %`;
    const line = `[${bar}] ${(total / MEGABYTE).toFixed(1)} MB, ${done}`;
    if (line === this.#shown) return;
    this.#out.write(`\r${line.padEnd(this.#shown.length)}`);
    this.#shown = line;
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#shown !== '') this.#out.write(`\r${' '.repeat(this.#shown.length)}\r`);
    this.#shown = '';
  }
}
