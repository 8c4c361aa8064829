import type { LocalParticipant } from '@livekit/rtc-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { RoomClock } from '../audio/room-clock.js';
import type { Caption } from '../captions/caption.js';
import type { Logger } from '../logging.js';
import type { PulsePosition } from '../pulse/recognised.js';
import { askForBacklog } from './earlier-captions.js';
import { clockAnswer, HANDOVER_METHOD, type HandoverRequest, takeAnswer } from './handover.js';
import { HeldStream, type OpenHeld } from './held-stream.js';
import type { RecogniserStream } from './track-captioner.js';

export interface TakeOverOptions {
  readonly self: Pick<LocalParticipant, 'performRpc'>;
  /** The identity of the captioner that has the room. */
  readonly from: string;
  readonly clock: RoomClock;
  readonly logger: Logger;
}

/** Audio of what is published comes within a second of our joining. */
const LISTEN_MS = 1500;
/** The old captioner takes 8 s at most, and the way there and back. */
const TAKE_MS = 20_000;
/** It first has to learn of us, which takes it some seconds. */
const CALL_MS = 10_000;

/**
 * Takes a room over from another captioner that is in it: listens first and keeps the audio, then asks the other one
 * to stop, and goes on exactly behind its last final. Where the other one is gone, it begins with what it has heard.
 */
export class TakeOver {
  readonly #options: TakeOverOptions;
  readonly #held = new Map<string, HeldStream>();
  #over = false;

  constructor(options: TakeOverOptions) {
    this.#options = options;
  }

  /** A stream of a track, which is opened when the room is ours. */
  hold(sid: string, open: OpenHeld): RecogniserStream {
    if (this.#over) return open();
    const stream = new HeldStream(open);
    this.#held.set(sid, stream);
    return stream;
  }

  /**
   * Resolves when every stream is open, with what the other one has said lately. Never rejects.
   */
  async run(): Promise<readonly Caption[]> {
    await delay(LISTEN_MS);
    const positions = await this.#take().catch((error: unknown) => {
      this.#options.logger.warn(
        { err: error },
        'the captioner that was to hand this room over does not answer: a word may be lost or come twice',
      );
      return new Map<string, PulsePosition>();
    });
    this.#over = true;
    for (const [sid, stream] of this.#held) stream.begin(positions.get(sid));
    this.#held.clear();
    const { self, from } = this.#options;
    const backlog = await askForBacklog(self, from).catch(() => []);
    await this.#call({ step: 'done' }, CALL_MS).catch(() => undefined);
    return backlog;
  }

  async #take(): Promise<Map<string, PulsePosition>> {
    const { clock } = this.#options;
    // The first one waits until we are known, the second tells how long the way is.
    await this.#call({ step: 'clock' }, CALL_MS);
    const asked = clock.now();
    const { now } = clockAnswer.parse(await this.#call({ step: 'clock' }, CALL_MS));
    // Their time, less ours, at the middle of the way there and back.
    const ahead = now - (asked + clock.now()) / 2;
    const tracks = Array.from(this.#held, ([sid, { since }]) => ({ sid, since })).flatMap(
      ({ sid, since }) => (since === undefined ? [] : [{ sid, since: since + ahead }]),
    );
    const answer = takeAnswer.parse(await this.#call({ step: 'take', tracks }, TAKE_MS));
    return new Map(
      answer.tracks.map(({ sid, until, tail }) => [
        sid,
        {
          until: until === undefined ? undefined : until - ahead,
          tail: tail.map(({ text, start, end }) => ({
            text,
            start: start - ahead,
            end: end - ahead,
          })),
        },
      ]),
    );
  }

  async #call(request: HandoverRequest, responseTimeout: number): Promise<unknown> {
    const { self, from } = this.#options;
    const answer = await self.performRpc({
      destinationIdentity: from,
      method: HANDOVER_METHOD,
      payload: JSON.stringify(request),
      responseTimeout,
    });
    return JSON.parse(answer) as unknown;
  }
}
