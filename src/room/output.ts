import type { Caption } from '../captions/caption.js';
import type { Output } from '../config/config.js';
import type { RoomUsageSummary } from '../cost/usage.js';
import type { Logger } from '../logging.js';
import type { RoomMetrics } from '../metrics/room-metrics.js';
import { Backlog } from '../publish/backlog.js';
import { CatchUp } from '../publish/catch-up.js';
import { sendDataMessage } from '../publish/data-messages.js';
import type { PublishErrorCode } from '../publish/errors.js';
import type { CaptionChannel } from '../publish/outputs.js';
import { Publisher } from '../publish/publisher.js';
import { sendTextStream } from '../publish/text-streams.js';
import type { LostAudio, Person } from '../transcript/journal.js';
import type { RoomTranscript } from '../transcript/store/room-transcript.js';
import type { Connection } from './connection.js';
import { Farewell } from './farewell.js';
import { InTurn } from './in-turn.js';
import { SendFailures } from './send-failures.js';

export interface RoomOutputOptions {
  readonly channel: CaptionChannel;
  readonly outputs: readonly Output[];
  /** Milliseconds between two states of one segment. */
  readonly intervalMs?: number | undefined;
  /** Ended by `close`. Undefined: there is none. */
  readonly transcript: RoomTranscript | undefined;
  /** The identities of everybody else who is in the room now. */
  readonly others: () => readonly string[];
  readonly connection: () => Connection;
  readonly metrics?: RoomMetrics | undefined;
  readonly logger: Logger;
}

/**
 * Where what happens in a room goes: to the people in it, while it lasts, and into its transcript. A final is written
 * down before anybody sees it. Times are milliseconds on the room's clock.
 */
export class RoomOutput {
  readonly #publisher: Publisher;
  readonly #failures: SendFailures;
  readonly #farewell: Farewell | undefined;
  readonly #backlog = new Backlog();
  readonly #catchUp: CatchUp | undefined;
  readonly #transcript: RoomTranscript | undefined;
  readonly #inTurn = new InTurn();
  readonly #optedOut = new Set<string>();
  readonly #connection: () => Connection;
  readonly #lost: (caption: Caption) => void;
  readonly #logger: Logger;

  constructor(options: RoomOutputOptions) {
    const { outputs, intervalMs, transcript, others, connection, metrics, logger } = options;
    this.#connection = connection;
    this.#logger = logger;
    this.#transcript = transcript;
    this.#catchUp = catchUpBy(outputs, options.channel, others);
    const channel = this.#catchUp?.channel ?? options.channel;
    const onFailure = (output: Output, code: PublishErrorCode, caption: Caption) => {
      if (connection() === 'over') return;
      logger.debug({ ...placeOf(caption), output, code }, 'a caption is not sent');
      metrics?.sendFailed(output, code);
    };
    this.#failures = new SendFailures(connection, logger);
    this.#publisher = new Publisher({
      channel,
      outputs,
      ...(intervalMs === undefined ? {} : { intervalMs }),
      onSent: (caption, output) => {
        logger.trace({ ...placeOf(caption), output }, 'a caption is sent');
        metrics?.sent(caption, output);
      },
      onFailure,
      onError: (error) => this.#failures.add(error),
    });
    this.#lost = (caption) => {
      if (caption.final) for (const output of outputs) onFailure(output, 'final_lost', caption);
    };
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

  /** Whether interims go out less often than usual. */
  set fewerInterims(fewer: boolean) {
    this.#publisher.fewerInterims = fewer;
  }

  /** See `Publisher`. */
  get waitMs(): number {
    return this.#publisher.waitMs;
  }

  /** What was said lately, in this order. */
  get backlog(): readonly Caption[] {
    return this.#backlog.captions;
  }

  /** What other captioners of this room have said before this one came, for people who come later. */
  inherit(captions: readonly Caption[], now: number): void {
    const heard = captions.filter(({ speaker }) => !this.#optedOut.has(speaker.identity));
    this.#backlog.inherit(heard, now);
  }

  /** @param at milliseconds on the room's clock, as in all of these */
  joined(person: Person, at: number): void {
    void this.#transcript?.journal.joined(person, at);
    this.#catchUp?.bring(person.identity, this.backlog).catch((error: unknown) => {
      this.#logger.debug({ err: error }, 'somebody could not be told what was said before');
    });
  }

  left(person: Person, at: number): void {
    this.#catchUp?.left(person.identity);
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

  /** Resolves when everything that was captioned so far is sent, or could not be in time. */
  async sent(): Promise<void> {
    await this.#inTurn.idle();
    await this.#publisher.drain();
  }

  /** Sends and writes what waits. Never rejects. */
  async close(at: number, usage?: RoomUsageSummary): Promise<void> {
    await this.#inTurn.idle();
    const reachable = this.#connection() === 'there';
    const [files] = await Promise.all([
      this.#transcript?.close(at, usage),
      reachable ? this.#publisher.close() : this.#publisher.close(0),
      this.#farewell?.close(reachable),
    ]);
    this.#failures.close();
    if (files) this.#logger.info({ ...files }, 'the transcript is complete');
  }

  #publish(caption: Caption): void {
    this.#backlog.add(caption);
    if (this.#connection() !== 'there') {
      this.#lost(caption);
      return;
    }
    this.#publisher.publish(caption);
    this.#farewell?.sent(caption);
  }
}

/** For the log. */
function placeOf({ id, rev, track }: Caption) {
  return { track: track.sid, segment: id, rev };
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
