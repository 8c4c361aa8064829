import type { PulsePosition } from '../pulse/recognised.js';
import type { PulseChanges } from '../pulse/stream.js';
import type { RecogniserStream } from './track-captioner.js';

export type OpenHeld = (from?: PulsePosition) => RecogniserStream;

interface Piece {
  readonly samples: Int16Array;
  readonly at: number;
}

/** A recogniser's stream that is opened later: until then it keeps what it is given. */
export class HeldStream implements RecogniserStream {
  readonly #open: OpenHeld;
  readonly #begun: Promise<void>;
  #onBegun: () => void = () => undefined;
  #pieces: Piece[] = [];
  #changes: PulseChanges = {};
  #largeChunks = false;
  #stream: RecogniserStream | undefined;
  #closed = false;

  constructor(open: OpenHeld) {
    this.#open = open;
    this.#begun = new Promise((resolve) => {
      this.#onBegun = resolve;
    });
  }

  /** From when on it has the audio, in milliseconds of the room's clock; undefined while there is none. */
  get since(): number | undefined {
    return this.#pieces[0]?.at;
  }

  /** @param from where another stream of the same audio has stopped */
  begin(from?: PulsePosition): void {
    if (this.#stream || this.#closed) return;
    this.#stream = this.#open(from);
    this.#stream.updateOptions(this.#changes);
    this.#stream.useLargeChunks?.(this.#largeChunks);
    for (const { samples, at } of this.#pieces) this.#stream.push(samples, at);
    this.#pieces = [];
    this.#onBegun();
  }

  push(samples: Int16Array, at: number): void {
    if (this.#stream) this.#stream.push(samples, at);
    else if (!this.#closed) this.#pieces.push({ samples, at });
  }

  updateOptions(changes: PulseChanges): void {
    if (this.#stream) this.#stream.updateOptions(changes);
    else this.#changes = { ...this.#changes, ...changes };
  }

  flush(): void {
    this.#stream?.flush();
  }

  /** Until it is opened audio waits for another captioner, not for the network. */
  get unsentMs(): number {
    return this.#stream?.unsentMs ?? 0;
  }

  useLargeChunks(large: boolean): void {
    this.#largeChunks = large;
    this.#stream?.useLargeChunks?.(large);
  }

  async end(): Promise<void> {
    await this.#begun;
    await this.#stream?.end();
  }

  close(): void {
    this.#closed = true;
    this.#pieces = [];
    this.#stream?.close();
    this.#onBegun();
  }

  get position(): PulsePosition {
    return this.#stream?.position ?? { until: undefined, tail: [] };
  }

  get unconfirmedSpeech(): { readonly start: number } | undefined {
    const [first] = this.#pieces;
    return this.#stream ? this.#stream.unconfirmedSpeech : first && { start: first.at };
  }
}
