import type { Caption } from '../captions/caption.js';

/** A client that is this much later than we are in learning of somebody's leaving still gets their last words. */
const LEARNS_WITHIN_MS = 1500;
/** How long a caption may have been on its way when its speaker left. */
const UNDER_WAY_MS = 1500;

/**
 * Says the last words of those who leave a second time.
 *
 * A text stream goes out in the speaker's name, in several packets. When a client learns that somebody has left, it
 * drops all streams in their name of which the last packet has not come yet (`livekit-client` 2.23), and people
 * leave right after their last word. A repeated stream has the same segment id, so it changes nothing where the first one
 * arrived.
 */
export class Farewell {
  readonly #send: (caption: Caption) => Promise<void>;
  readonly #now: () => number;
  /** By identity, the latest finals. */
  readonly #finals = new Map<string, { readonly caption: Caption; readonly at: number }[]>();
  readonly #leaving = new Map<string, NodeJS.Timeout>();
  readonly #sending = new Set<Promise<void>>();

  /** @param now milliseconds that never jump */
  constructor(send: (caption: Caption) => Promise<void>, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  /** Notes a caption that is sent now. */
  sent(caption: Caption): void {
    if (!caption.final) return;
    const { identity } = caption.speaker;
    const now = this.#now();
    const kept = this.#finals.get(identity) ?? [];
    const recent = this.#leaving.has(identity)
      ? kept
      : kept.filter(({ at }) => now - at < UNDER_WAY_MS);
    this.#finals.set(identity, [...recent, { caption, at: now }]);
  }

  left(identity: string): void {
    const since = this.#now() - UNDER_WAY_MS;
    const recent = this.#finals.get(identity)?.filter(({ at }) => at >= since) ?? [];
    this.#finals.set(identity, recent);
    clearTimeout(this.#leaving.get(identity));
    this.#leaving.set(
      identity,
      setTimeout(() => this.#repeat(identity), LEARNS_WITHIN_MS),
    );
  }

  /** @param reachable whether what is still to be repeated can be; it then is at once */
  async close(reachable: boolean): Promise<void> {
    for (const [identity, timer] of this.#leaving) {
      clearTimeout(timer);
      if (reachable) this.#repeat(identity);
    }
    this.#leaving.clear();
    await Promise.all(this.#sending);
  }

  #repeat(identity: string): void {
    const finals = this.#finals.get(identity) ?? [];
    this.#finals.delete(identity);
    this.#leaving.delete(identity);
    const repeated = this.#inTurn(finals.map(({ caption }) => caption));
    this.#sending.add(repeated);
    void repeated.finally(() => this.#sending.delete(repeated));
  }

  async #inTurn(captions: readonly Caption[]): Promise<void> {
    try {
      for (const caption of captions) await this.#send(caption);
    } catch {
      // The publisher, which has sent the same before, says what is wrong with the room.
    }
  }
}
