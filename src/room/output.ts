import type { Caption } from '../captions/caption.js';
import type { Output } from '../config/config.js';
import type { Logger } from '../logging.js';
import { Backlog } from '../publish/backlog.js';
import { CatchUp } from '../publish/catch-up.js';
import { sendDataMessage } from '../publish/data-messages.js';
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
  /** The identities of everybody else who is in the room now. */
  readonly others: () => readonly string[];
  /** Whether the room is still there for captions to go to. */
  readonly reachable: () => boolean;
  readonly logger: Logger;
}

/** Where the captions of a room go: to the people in it, while it lasts, and into its transcript. */
export class RoomOutput {
  readonly #publisher: Publisher;
  readonly #farewell: Farewell | undefined;
  readonly #backlog = new Backlog();
  readonly #catchUp: CatchUp | undefined;
  readonly #journal: Journal | undefined;
  readonly #reachable: () => boolean;
  readonly #logger: Logger;

  constructor(options: RoomOutputOptions) {
    const { outputs, intervalMs, directory, room, epoch, others, reachable, logger } = options;
    this.#reachable = reachable;
    this.#logger = logger;
    this.#catchUp = catchUpBy(outputs, options.channel, others);
    const channel = this.#catchUp?.channel ?? options.channel;
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
    this.#backlog.add(caption);
    this.#journal?.segment(caption);
  }

  /** What was said lately, in this order. */
  get backlog(): readonly Caption[] {
    return this.#backlog.captions;
  }

  /** @param at milliseconds on the room's clock */
  joined(person: Person, at: number): void {
    this.#journal?.joined(person, at);
    this.#catchUp?.bring(person.identity, this.backlog).catch((error: unknown) => {
      this.#logger.debug({ err: error }, 'somebody could not be told what was said before');
    });
  }

  /** @param at milliseconds on the room's clock */
  optedOut(person: Person, at: number): void {
    this.#journal?.optedOut(person, at);
  }

  /** @param at milliseconds on the room's clock */
  optedIn(person: Person, at: number): void {
    this.#journal?.optedIn(person, at);
  }

  /** @param at milliseconds on the room's clock */
  left(person: Person, at: number): void {
    this.#catchUp?.left(person.identity);
    this.#farewell?.left(person.identity);
    this.#journal?.left(person, at);
  }

  /** Resolves when everything that was captioned so far is sent, or could not be in time. */
  async sent(): Promise<void> {
    await this.#publisher.drain();
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

/** People who come later get what was said before as text streams; where there are none, as data messages. */
function catchUpBy(
  outputs: readonly Output[],
  channel: CaptionChannel,
  others: () => readonly string[],
): CatchUp | undefined {
  if (outputs.includes('streams')) return new CatchUp({ channel, send: sendTextStream, others });
  if (outputs.includes('data')) return new CatchUp({ channel, send: sendDataMessage, others });
  return undefined;
}
