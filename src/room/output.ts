import type { Caption } from '../captions/caption.js';
import type { Output } from '../config/config.js';
import type { Logger } from '../logging.js';
import type { CaptionChannel } from '../publish/outputs.js';
import { Publisher } from '../publish/publisher.js';
import { sendTextStream } from '../publish/text-streams.js';
import { Journal, type Person } from '../transcript/journal.js';
import { Farewell } from './farewell.js';

export interface RoomOutputOptions {
  readonly channel: CaptionChannel;
  readonly outputs: readonly Output[];
  /** Milliseconds between two states of one segment. */
  readonly intervalMs?: number | undefined;
  /** Where the transcript goes; undefined: there is none. */
  readonly directory: string | undefined;
  readonly room: { readonly sid: string; readonly name: string };
  /** Unix milliseconds of the room clock's zero. */
  readonly epoch: number;
  /** Whether the room is still there for captions to go to. */
  readonly reachable: () => boolean;
  readonly logger: Logger;
}

/** Where the captions of a room go: to the people in it, while it lasts, and into its transcript. */
export class RoomOutput {
  readonly #publisher: Publisher;
  readonly #farewell: Farewell | undefined;
  readonly #journal: Journal | undefined;
  readonly #reachable: () => boolean;
  readonly #logger: Logger;

  constructor(options: RoomOutputOptions) {
    const { channel, outputs, intervalMs, directory, room, epoch, reachable, logger } = options;
    this.#reachable = reachable;
    this.#logger = logger;
    this.#publisher = new Publisher({
      channel,
      outputs,
      ...(intervalMs === undefined ? {} : { intervalMs }),
      // What was on its way when the room ended has nobody to arrive at.
      onError: (error) => this.#report(reachable() ? 'error' : 'debug', error),
    });
    this.#farewell = outputs.includes('streams')
      ? new Farewell(
          (caption) => sendTextStream(channel, caption),
          () => performance.now(),
        )
      : undefined;
    this.#journal =
      directory === undefined
        ? undefined
        : new Journal({
            dir: directory,
            room,
            epoch,
            onError: (error) => this.#report('error', error),
          });
  }

  caption(caption: Caption): void {
    if (this.#reachable()) {
      this.#publisher.publish(caption);
      this.#farewell?.sent(caption);
    }
    this.#journal?.segment(caption);
  }

  /** @param at milliseconds on the room's clock */
  joined(person: Person, at: number): void {
    this.#journal?.joined(person, at);
  }

  /** @param at milliseconds on the room's clock */
  left(person: Person, at: number): void {
    this.#farewell?.left(person.identity);
    this.#journal?.left(person, at);
  }

  /**
   * Sends and writes what waits. Never rejects.
   * @param at milliseconds on the room's clock
   */
  async close(at: number): Promise<void> {
    const reachable = this.#reachable();
    const [files] = await Promise.all([
      this.#journal?.close(at),
      reachable ? this.#publisher.close() : this.#publisher.close(0),
      this.#farewell?.close(reachable),
    ]);
    if (files) {
      this.#logger.info({ journal: files.journal, vtt: files.vtt }, 'the transcript is complete');
    }
  }

  #report(level: 'error' | 'debug', error: Error & { readonly code: string }): void {
    this.#logger[level]({ code: error.code, err: error }, error.message);
  }
}
