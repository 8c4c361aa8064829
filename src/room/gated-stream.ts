import { GatedAudio, type GatedAudioOptions } from '../audio/gated-audio.js';
import type { PulsePosition } from '../pulse/recognised.js';
import type { PulseChanges } from '../pulse/stream.js';
import type { RecogniserStream } from './track-captioner.js';

/** A recogniser's stream that is given speech alone, and asked for a final whenever it is over. */
export class GatedStream implements RecogniserStream {
  readonly #stream: RecogniserStream;
  readonly #gate: GatedAudio;

  constructor(stream: RecogniserStream, gate: Omit<GatedAudioOptions, 'onAudio' | 'onPause'>) {
    this.#stream = stream;
    this.#gate = new GatedAudio({
      ...gate,
      onAudio: (samples, at) => stream.push(samples, at),
      onPause: () => stream.flush(),
    });
  }

  push(samples: Int16Array, at: number): void {
    this.#gate.push(samples, at);
  }

  updateOptions(changes: PulseChanges): void {
    this.#stream.updateOptions(changes);
  }

  flush(): void {
    this.#stream.flush();
  }

  get position(): PulsePosition {
    return this.#stream.position;
  }

  get unconfirmedSpeech(): { readonly start: number } | undefined {
    const { heldFrom } = this.#gate;
    return (
      this.#stream.unconfirmedSpeech ?? (heldFrom === undefined ? undefined : { start: heldFrom })
    );
  }

  /** What has not been decided yet has not been sent either. */
  get unsentMs(): number {
    return this.#gate.waitingMs + (this.#stream.unsentMs ?? 0);
  }

  useLargeChunks(large: boolean): void {
    this.#stream.useLargeChunks?.(large);
  }

  async end(): Promise<void> {
    await this.#gate.settled();
    this.#gate.close();
    await this.#stream.end();
  }

  close(): void {
    this.#gate.close();
    this.#stream.close();
  }
}
