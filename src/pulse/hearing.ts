import type { PulseError } from './errors.js';
import type { PulseEvent } from './events.js';
import { LiveConnection } from './live-connection.js';
import type { ServerMessage, Transcript } from './messages.js';
import { type PulsePosition, Recognised } from './recognised.js';
import type { Effect, MachineOptions } from './states.js';
import { Turns } from './turns.js';
import { UnconfirmedAudio } from './unconfirmed.js';

/** What a message of the server changes. */
export interface Said {
  readonly events: readonly PulseEvent[];
  /** It tells of the audio, so the connection works. */
  readonly heard: boolean;
  readonly final: boolean;
  readonly last: boolean;
}

const NOTHING: Said = { events: [], heard: false, final: false, last: false };

/** How many connections are given up for a final that does not come although the server speaks. */
const MOST_DOUBTS = 2;
/** When nothing loud has come for this long and turns are quiet, what is unconfirmed holds hardly any words. */
const SETTLED_MS = 2000;

/**
 * What is heard of one track, over all of its connections: the audio, what the server says about it, and how far that
 * has come. It knows the connection that is open, and decides nothing about when there is one.
 */
export class Hearing {
  readonly audio: UnconfirmedAudio;
  readonly #turns: Turns;
  readonly #recognised: Recognised;
  readonly #options: MachineOptions;
  #live: LiveConnection | undefined;
  #largeChunks = false;
  #flushAt: number | undefined;
  /** The end of the audio when a final was last asked for. */
  #flushedAt: number | undefined;
  #doubts = 0;
  #gap: { start: number; end: number } | undefined;
  #pushedAt = Number.NEGATIVE_INFINITY;
  /** When audio that may be speech last came. */
  #loudAt = Number.NEGATIVE_INFINITY;

  constructor(options: MachineOptions, from: PulsePosition | undefined) {
    this.#options = options;
    this.audio = new UnconfirmedAudio(options.sampleRate, options.bufferMs);
    this.#turns = new Turns(options);
    this.#recognised = new Recognised(from);
  }

  get position(): PulsePosition {
    return this.#recognised.position;
  }

  /** When the open connection was opened. */
  get openedAt(): number | undefined {
    return this.#live?.openedAt;
  }

  /** What may be speech and no final has confirmed. Times on the owner's clock. */
  get unconfirmedSpeech(): { readonly start: number; readonly end: number } | undefined {
    return this.audio.loudSpan(this.#recognised.until);
  }

  /** The same without its times, which take longer to find. */
  get hasUnconfirmedSpeech(): boolean {
    return this.audio.hasLoudAfter(this.#recognised.until);
  }

  /** Whether a new connection would cut into something. */
  get quiet(): boolean {
    return this.#turns.quiet;
  }

  /** When audio last came. */
  get pushedAt(): number {
    return this.#pushedAt;
  }

  /** When a connection that is quiet now will count as idle if nothing comes; never while it is not quiet. */
  get idleAt(): number {
    if (!this.quiet) return Number.POSITIVE_INFINITY;
    return this.hasUnconfirmedSpeech ? this.#loudAt + SETTLED_MS : Number.NEGATIVE_INFINITY;
  }

  /** Everything up to the end of what is kept is to be sent, also what is hardly worth a message. */
  get flushing(): boolean {
    return this.#flushAt !== undefined;
  }

  set blocked(blocked: boolean) {
    if (this.#live) this.#live.blocked = blocked;
  }

  /** See `LiveConnection`; of this connection and those to come. */
  set largeChunks(large: boolean) {
    this.#largeChunks = large;
    if (this.#live) this.#live.largeChunks = large;
  }

  /** What the bound pushes out is a gap where it may have held words. */
  push(samples: Int16Array, at: number, now: number): void {
    this.#pushedAt = now;
    for (const chunk of this.audio.push(samples, at)) {
      if (chunk.loud) this.#noteGap({ start: chunk.at, end: this.audio.endOf(chunk) });
    }
    if (this.audio.endsLoud) this.#loudAt = now;
  }

  flush(): void {
    this.#flushAt = this.#flushedAt = this.audio.end;
  }

  /** Whether interims are held back from here on; what is shown of them is withdrawn. */
  holdInterims(held: boolean): PulseEvent[] {
    return this.#turns.holdInterims(held);
  }

  /** A connection is open: it begins with what is unconfirmed. */
  open(now: number): PulseEvent[] {
    this.audio.rewind(this.#recognised.replayFrom);
    // Nothing has come since: no more audio would bring the final about.
    if (this.audio.end === this.#flushedAt) this.#flushAt = this.#flushedAt;
    this.#live = new LiveConnection(this.#options, now, this.#recognised.overlap());
    this.#live.largeChunks = this.#largeChunks;
    return this.#takeGap();
  }

  /** Sends what is due. `silent`: the server should have said something, and has not. */
  pump(
    toTheEnd: boolean,
    silenceLimitMs: number,
    now: number,
  ): { effects: Effect[]; silent: boolean } {
    const live = this.#live;
    if (!live) return { effects: [], silent: false };
    const effects = live.pump(this.audio, toTheEnd, now);
    if (this.audio.waitingMs >= live.leastMs) this.#turns.postpone(now);
    const events = [...live.takeUsage(false), ...this.#turns.tick(now)];
    effects.push(...events.map((event) => ({ type: 'emit', event }) as const));
    if (this.#flushAt !== undefined && (this.audio.waitingFrom ?? Infinity) >= this.#flushAt) {
      this.#flushAt = undefined;
      effects.push(...live.finalize(now));
      this.#turns.paused(now);
    }
    const watched = live.watch(this.audio, this.#turns, now, silenceLimitMs);
    const { confirmed } = watched;
    const doubtful = confirmed !== undefined && this.#isDoubtful();
    if (confirmed !== undefined && !doubtful) this.audio.confirm(confirmed);
    return { effects: [...effects, ...watched.effects], silent: watched.silent || doubtful };
  }

  /**
   * A server that has spoken, but gives no final of what may be speech, has hung since; or it is one of those that
   * have nothing to say to noise. Another connection tells.
   */
  #isDoubtful(): boolean {
    if (!this.hasUnconfirmedSpeech) return false;
    this.#doubts += 1;
    return this.#doubts <= MOST_DOUBTS;
  }

  /** When `pump` has something to do if nothing comes in. */
  deadline(toTheEnd: boolean, silenceLimitMs: number): number {
    const never = Number.POSITIVE_INFINITY;
    const due = this.#live?.deadline(this.audio, this.#turns, silenceLimitMs, toTheEnd) ?? never;
    return Math.min(due, this.#turns.deadline ?? never);
  }

  say(message: ServerMessage, now: number): Said {
    const live = this.#live;
    if (!live) return NOTHING;
    switch (message.type) {
      case 'pong':
      case 'unknown':
        return NOTHING;
      case 'error':
        live.remember(message);
        return NOTHING;
      case 'speech_started':
        live.heard(now);
        return told(this.#turns.speechStarted(live.ownerTime(message.at), now));
      case 'speech_ended':
        live.heard(now);
        return told(this.#turns.speechEnded(live.ownerTimeOfEnd(message.at), now));
      case 'transcript':
        live.heard(now);
        return this.#transcript(live, message, now);
    }
  }

  /** What the server said before it closed tells more than the close. */
  explain(error: PulseError): PulseError {
    return this.#live?.explain(error) ?? error;
  }

  /** Asks for the last words of this connection. */
  closeStream(): Effect[] {
    this.#flushAt = undefined;
    return this.#live?.closeStream() ?? [];
  }

  /** The connection is gone. */
  disconnected(now: number): PulseEvent[] {
    const usage = this.#live?.takeUsage(true) ?? [];
    this.#live = undefined;
    this.#turns.disconnected(now);
    return usage;
  }

  /** What may be speech and is not confirmed will not be any more. */
  giveUp(): void {
    this.#noteGap(this.unconfirmedSpeech);
  }

  /** Nothing more will come at all. */
  end(): PulseEvent[] {
    const usage = this.#live?.takeUsage(true) ?? [];
    this.#live = undefined;
    const events = [...usage, ...this.#turns.end(), ...this.#takeGap()];
    this.audio.clear();
    return events;
  }

  #transcript(live: LiveConnection, message: Transcript, now: number): Said {
    const heard = live.translate(message);
    const events = heard ? this.#turns.transcript(heard, now) : [];
    if (message.isFinal) {
      this.#doubts = 0;
      const until = live.confirmedBy(message);
      const seam = until === undefined ? undefined : this.audio.seamBefore(until);
      this.#recognised.confirm(live.wordsOf(message), seam);
      this.audio.confirm(this.#recognised.replayFrom);
      live.forgetBefore(this.#recognised.replayFrom);
    }
    return { ...told(events), final: message.isFinal, last: message.isLast };
  }

  #noteGap(gap: { start: number; end: number } | undefined): void {
    if (gap) this.#gap = { start: this.#gap?.start ?? gap.start, end: gap.end };
  }

  #takeGap(): PulseEvent[] {
    const gap = this.#gap;
    this.#gap = undefined;
    return gap ? [{ type: 'gap', ...gap }] : [];
  }
}

function told(events: readonly PulseEvent[]): Said {
  return { events, heard: true, final: false, last: false };
}
