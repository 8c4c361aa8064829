import type { Caption } from '../captions/caption.js';
import type { Output } from '../config/config.js';
import type { Logger } from '../logging.js';
import type { CaptionChannel } from '../publish/outputs.js';
import { Publisher } from '../publish/publisher.js';
import { sendTextStream } from '../publish/text-streams.js';
import type { LostAudio, Person } from '../transcript/journal.js';
import type { RoomTranscript } from '../transcript/store/room-transcript.js';
import { Farewell } from './farewell.js';
import { InTurn } from './in-turn.js';

export interface RoomOutputOptions {
  readonly channel: CaptionChannel;
  readonly outputs: readonly Output[];
  /** Ended by `close`. Undefined: there is none. */
  readonly transcript: RoomTranscript | undefined;
  /** Whether the room is still there for captions to go to. */
  readonly reachable: () => boolean;
  readonly logger: Logger;
}

/**
 * Where what happens in a room goes: to the people in it, while it lasts, and into its transcript. A final is written
 * down before anybody sees it. Times are milliseconds on the room's clock.
 */
export class RoomOutput {
  readonly #publisher: Publisher;
  readonly #farewell: Farewell | undefined;
  readonly #transcript: RoomTranscript | undefined;
  readonly #inTurn = new InTurn();
  readonly #optedOut = new Set<string>();
  readonly #reachable: () => boolean;
  readonly #logger: Logger;

  constructor({ channel, outputs, transcript, reachable, logger }: RoomOutputOptions) {
    this.#reachable = reachable;
    this.#logger = logger;
    this.#transcript = transcript;
    this.#publisher = new Publisher({
      channel,
      outputs,
      // What was on its way when the room ended has nobody to arrive at.
      onError: (error) =>
        logger[reachable() ? 'error' : 'debug']({ code: error.code, err: error }, error.message),
    });
    this.#farewell = outputs.includes('streams')
      ? new Farewell(
          (caption) => sendTextStream(channel, caption),
          () => performance.now(),
        )
      : undefined;
  }

  /** Nothing of somebody who has opted out goes anywhere, also not what was on its way. */
  caption(caption: Caption): void {
    if (this.#optedOut.has(caption.speaker.identity)) return;
    const written = caption.final ? this.#transcript?.journal.segment(caption) : undefined;
    this.#inTurn.run(caption.track.sid, written, () => this.#publish(caption));
  }

  joined(person: Person, at: number): void {
    void this.#transcript?.journal.joined(person, at);
  }

  left(person: Person, at: number): void {
    this.#farewell?.left(person.identity);
    void this.#transcript?.journal.left(person, at);
  }

  optedOut(person: Person, at: number): void {
    this.#optedOut.add(person.identity);
    void this.#transcript?.journal.optedOut(person, at);
  }

  optedIn(person: Person, at: number): void {
    if (!this.#optedOut.delete(person.identity)) return;
    void this.#transcript?.journal.optedIn(person, at);
  }

  languageChanged(person: Person, language: string, at: number): void {
    void this.#transcript?.journal.languageChanged(person, language, at);
  }

  gap(audio: LostAudio): void {
    void this.#transcript?.journal.gap(audio);
  }

  state(state: string, reason: string, at: number): void {
    void this.#transcript?.journal.state(state, reason, at);
  }

  /** The room goes on under another sid. */
  sidChanged(sid: string): void {
    void this.#transcript?.journal.sid(sid);
  }

  /** Sends and writes what waits. Never rejects. */
  async close(at: number): Promise<void> {
    await this.#inTurn.idle();
    const reachable = this.#reachable();
    const [files] = await Promise.all([
      this.#transcript?.close(at),
      reachable ? this.#publisher.close() : this.#publisher.close(0),
      this.#farewell?.close(reachable),
    ]);
    if (files) this.#logger.info({ ...files }, 'the transcript is complete');
  }

  #publish(caption: Caption): void {
    if (!this.#reachable()) return;
    this.#publisher.publish(caption);
    this.#farewell?.sent(caption);
  }
}
