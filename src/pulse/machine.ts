import { backoffMs } from './backoff.js';
import { errorFromClose, PulseError } from './errors.js';
import type { ConnectionState, PulseEvent } from './events.js';
import { LiveConnection } from './live-connection.js';
import type { ServerMessage, Transcript } from './messages.js';
import { type PulsePosition, Recognised } from './recognised.js';
import type { Effect, Input, MachineOptions, MachineState } from './states.js';
import { Turns } from './turns.js';
import { UnconfirmedAudio, type AudioChunk } from './unconfirmed.js';

/** A new connection is announced as live when it has said something or lived this long: a 1008 comes right after. */
const PROVEN_MS = 1000;
/** New options wait for a pause, but not for ever. */
const RECONFIGURE_BY_MS = 10_000;
/** How often a stream whose end is asked for opens again for words that no final has confirmed. */
const CLOSING_RETRIES = 3;

/**
 * The life of one stream (see `MachineState`) without any I/O: what happens comes in with the time, what to do goes
 * out. Time is a monotonic clock in milliseconds; times of audio are the owner's (see `PulseEvent`).
 */
export class PulseMachine {
  readonly #audio: UnconfirmedAudio;
  readonly #turns: Turns;
  readonly #recognised: Recognised;
  #state: MachineState = { name: 'idle' };
  #live: LiveConnection | undefined;
  #out: Effect[] = [];
  #failures = 0;
  /** Connections in a row that fell silent: each doubles the patience, for a server that is only slow. */
  #silences = 0;
  #announced: ConnectionState = 'idle';
  #flushAt: number | undefined;
  #reconfigureSince: number | undefined;
  #finalsOnly: boolean;
  #languageUnproven = false;
  #endBy: number | undefined;
  #closingRetries = 0;
  #gap: { start: number; end: number } | undefined;

  constructor(
    private readonly options: MachineOptions,
    private readonly random: () => number,
    from?: PulsePosition,
  ) {
    this.#recognised = new Recognised(from);
    this.#audio = new UnconfirmedAudio(options.sampleRate, options.bufferMs);
    this.#turns = new Turns(options);
    this.#finalsOnly = options.finalsOnly;
  }

  get state(): MachineState {
    return this.#state;
  }

  /** A new language was asked for, and no connection in it has said anything yet. */
  get languageUnproven(): boolean {
    return this.#languageUnproven;
  }

  /** Milliseconds of audio that no final has confirmed. */
  get unconfirmedMs(): number {
    return this.#audio.keptMs;
  }

  get position(): PulsePosition {
    return this.#recognised.position;
  }

  /** What may be speech and no final has confirmed. Times on the owner's clock. */
  get unconfirmedSpeech(): { readonly start: number; readonly end: number } | undefined {
    return this.#audio.loudSpan(this.#recognised.until);
  }

  handle(input: Input, now: number): readonly Effect[] {
    this.#out = [];
    this.#apply(input, now);
    this.#advance(now);
    return this.#out;
  }

  /** When the next `tick` is due; undefined while only an input can change anything. */
  get deadline(): number | undefined {
    const times = [this.#endBy, this.#stateDeadline()].filter((time) => time !== undefined);
    const next = Math.min(...times);
    return Number.isFinite(next) ? next : undefined;
  }

  #stateDeadline(): number | undefined {
    switch (this.#state.name) {
      case 'connecting':
        return this.#state.since + this.options.connectTimeoutMs;
      case 'waiting':
        return this.#state.until;
      case 'live':
        return this.#liveDeadline();
      case 'closing':
        return this.#state.since + this.options.lastTimeoutMs;
      case 'idle':
      case 'failed':
      case 'ended':
        return undefined;
    }
  }

  #liveDeadline(): number | undefined {
    const live = this.#live;
    if (!live) return undefined;
    const never = Number.POSITIVE_INFINITY;
    return Math.min(
      live.deadline(this.#audio, this.#turns, this.#silenceLimit(), this.#toTheEnd()),
      this.#turns.deadline ?? never,
      this.#announced === 'live' ? never : live.openedAt + PROVEN_MS,
      this.#reconfigureSince === undefined ? never : this.#reconfigureSince + RECONFIGURE_BY_MS,
    );
  }

  #apply(input: Input, now: number): void {
    if (this.#state.name === 'failed' || this.#state.name === 'ended') {
      if (input.type === 'close' || input.type === 'end') this.#finish('ended');
      return;
    }
    switch (input.type) {
      case 'audio':
        if (this.#endBy === undefined) this.#keep(this.#audio.push(input.samples, input.at));
        return;
      case 'flush':
        this.#flushAt = this.#audio.end;
        return;
      case 'end':
        this.#endBy ??= now + this.options.endTimeoutMs;
        return;
      case 'close':
        this.#finish('ended');
        return;
      case 'reconfigure':
        this.#languageUnproven ||= input.newLanguage;
        this.#reconfigure(input.finalsOnly, now);
        return;
      case 'opened':
        this.#open(now);
        return;
      case 'message':
        if (this.#live) this.#message(this.#live, input.message, now);
        return;
      case 'lost':
        this.#lost(this.#live?.explain(input.error) ?? input.error, now);
        return;
      case 'blocked':
      case 'drained':
        if (this.#live) this.#live.blocked = input.type === 'blocked';
        return;
      case 'tick':
        return;
    }
  }

  /** What follows from where things stand, whatever the input was. */
  #advance(now: number): void {
    if (this.#endBy !== undefined && now >= this.#endBy) this.#giveUp();
    switch (this.#state.name) {
      case 'idle':
        this.#connectIfNeeded(now);
        return;
      case 'waiting':
        if (now >= this.#state.until) this.#connectIfNeeded(now);
        return;
      case 'connecting':
        if (now >= this.#state.since + this.options.connectTimeoutMs) {
          this.#lost(new PulseError('timeout', 'Pulse did not open the connection in time.'), now);
        }
        return;
      case 'live':
        if (this.#live) this.#advanceLive(this.#live, now);
        return;
      case 'closing':
        if (now >= this.#state.since + this.options.lastTimeoutMs) {
          this.#lost(new PulseError('silent', 'Pulse did not answer the end of the stream.'), now);
        }
        return;
      case 'failed':
      case 'ended':
        return;
    }
  }

  #advanceLive(live: LiveConnection, now: number): void {
    if (now >= live.openedAt + PROVEN_MS) this.#announce('live');
    this.#push(live.pump(this.#audio, this.#toTheEnd(), now));
    this.#events(live.takeUsage(false));
    if (this.#audio.waitingMs > 0) this.#turns.postpone(now);
    this.#events(this.#turns.tick(now));
    if (this.#flushAt !== undefined && (this.#audio.waitingFrom ?? Infinity) >= this.#flushAt) {
      this.#flushAt = undefined;
      this.#push(live.finalize(now));
    }
    const watched = live.watch(this.#audio, this.#turns, now, this.#silenceLimit());
    this.#push(watched.effects);
    if (watched.confirmed !== undefined) this.#audio.confirm(watched.confirmed);
    if (watched.silent) {
      this.#silences += 1;
      this.#lost(new PulseError('silent', 'Pulse says nothing about the speech it is sent.'), now);
      return;
    }
    if (this.#endBy !== undefined && this.#audio.waitingMs === 0) {
      this.#push(live.closeStream());
      this.#state = { name: 'closing', since: now };
    } else if (this.#mayReconfigure(now)) {
      // As after a reset: what no final has confirmed is sent again, so that no word is cut by the change.
      this.#drop(now);
      this.#connectIfNeeded(now);
    }
  }

  #reconfigure(finalsOnly: boolean, now: number): void {
    const redacts = finalsOnly && !this.#finalsOnly;
    this.#finalsOnly = finalsOnly;
    if (redacts) this.#events(this.#turns.holdInterims(true));
    // A connection under way was asked for with the old options.
    if (this.#state.name !== 'live' && this.#state.name !== 'connecting') return;
    // What is to be redacted does not wait for a pause: until then it would come as it was said.
    this.#reconfigureSince = redacts ? now - RECONFIGURE_BY_MS : (this.#reconfigureSince ?? now);
  }

  #mayReconfigure(now: number): boolean {
    if (this.#reconfigureSince === undefined) return false;
    return this.#turns.quiet || now >= this.#reconfigureSince + RECONFIGURE_BY_MS;
  }

  #connectIfNeeded(now: number): void {
    if (this.#audio.keptMs > 0) {
      this.#reconfigureSince = undefined;
      this.#become({ name: 'connecting', since: now }, 'connecting');
      this.#push([{ type: 'connect' }]);
    } else if (this.#endBy !== undefined) {
      this.#finish('ended');
    } else {
      this.#become({ name: 'idle' }, 'idle');
    }
  }

  #open(now: number): void {
    if (this.#state.name !== 'connecting') return;
    this.#state = { name: 'live' };
    this.#audio.rewind(this.#recognised.replayFrom);
    if (this.#reconfigureSince === undefined) {
      this.#events(this.#turns.holdInterims(this.#finalsOnly));
    }
    this.#live = new LiveConnection(this.options, now, this.#recognised.overlap());
    this.#flushGap();
  }

  #message(live: LiveConnection, message: ServerMessage, now: number): void {
    switch (message.type) {
      case 'pong':
      case 'unknown':
        return;
      case 'error':
        live.remember(message);
        return;
      case 'speech_started':
        this.#heard(live, now);
        this.#events(this.#turns.speechStarted(live.ownerTime(message.at), now));
        return;
      case 'speech_ended':
        this.#heard(live, now);
        this.#events(this.#turns.speechEnded(live.ownerTime(message.at), now));
        return;
      case 'transcript':
        this.#heard(live, now);
        this.#transcript(live, message, now);
        return;
    }
  }

  #transcript(live: LiveConnection, message: Transcript, now: number): void {
    const heard = live.translate(message);
    if (heard) this.#events(this.#turns.transcript(heard, now));
    if (message.isFinal) {
      const until = live.confirmedBy(message);
      this.#recognised.confirm(
        live.wordsOf(message),
        until === undefined ? undefined : this.#audio.seamBefore(until),
      );
      this.#audio.confirm(this.#recognised.replayFrom);
      live.forgetBefore(this.#recognised.replayFrom);
    }
    if (!message.isLast) return;
    if (this.#state.name === 'closing') this.#finish('ended');
    else this.#lost(errorFromClose(1000, 'the server ended the stream'), now);
  }

  #heard(live: LiveConnection, now: number): void {
    live.heard(now);
    this.#failures = 0;
    this.#silences = 0;
    if (this.#reconfigureSince === undefined) this.#languageUnproven = false;
    if (this.#state.name === 'live') this.#announce('live');
  }

  /** The connection is gone, or has to go. */
  #lost(error: PulseError, now: number): void {
    const { name } = this.#state;
    if (name === 'idle' || name === 'waiting') return;
    if (this.#takesLanguageBack(error)) {
      this.#drop(now);
      this.#become({ name: 'waiting', until: now }, 'connecting');
      return;
    }
    if (!error.retryable) {
      this.#noteGap(this.#audio.loudSpan(this.#recognised.until));
      this.#finish('failed', error);
      return;
    }
    if (name === 'closing' && !this.#worthAnotherTry()) {
      this.#finish('ended');
      return;
    }
    this.#drop(now);
    this.#failures += 1;
    const until = now + backoffMs(this.#failures, error, this.random());
    this.#become({ name: 'waiting', until }, 'waiting', error);
  }

  #takesLanguageBack(error: PulseError): boolean {
    const refused = error.code === 'language_region' || error.code === 'bad_options';
    if (!refused || !this.#languageUnproven) return false;
    this.#languageUnproven = false;
    this.#push([{ type: 'keep_language', error }]);
    return true;
  }

  /** The end is near: only for audio that may hold words and that no final has confirmed, and not for ever. */
  #worthAnotherTry(): boolean {
    this.#closingRetries += 1;
    const unheard = this.#audio.loudSpan(this.#recognised.until) !== undefined;
    return unheard && this.#closingRetries <= CLOSING_RETRIES;
  }

  #drop(now: number): void {
    this.#events(this.#live?.takeUsage(true) ?? []);
    this.#live = undefined;
    this.#turns.disconnected(now);
    this.#push([{ type: 'disconnect' }]);
  }

  #giveUp(): void {
    this.#noteGap(this.#audio.loudSpan(this.#recognised.until));
    this.#finish('ended');
  }

  #finish(state: 'ended' | 'failed', error?: PulseError): void {
    if (this.#state.name === 'ended') return;
    this.#events(this.#live?.takeUsage(true) ?? []);
    this.#live = undefined;
    this.#push([{ type: 'disconnect' }]);
    this.#events(this.#turns.end());
    this.#flushGap();
    this.#audio.clear();
    this.#endBy = undefined;
    this.#become({ name: state }, state, error);
  }

  #toTheEnd(): boolean {
    return this.#endBy !== undefined || this.#flushAt !== undefined;
  }

  #silenceLimit(): number {
    return this.options.silenceLimitMs * 2 ** Math.min(this.#silences, 4);
  }

  /** What the bound pushed out is a gap where it may have held words. */
  #keep(dropped: readonly AudioChunk[]): void {
    for (const chunk of dropped) {
      if (chunk.loud) this.#noteGap({ start: chunk.at, end: this.#audio.endOf(chunk) });
    }
  }

  #noteGap(gap: { start: number; end: number } | undefined): void {
    if (gap) this.#gap = { start: this.#gap?.start ?? gap.start, end: gap.end };
  }

  #flushGap(): void {
    if (this.#gap) this.#events([{ type: 'gap', ...this.#gap }]);
    this.#gap = undefined;
  }

  #become(state: MachineState, announced: ConnectionState, error?: PulseError): void {
    this.#state = state;
    this.#announce(announced, error);
  }

  #announce(state: ConnectionState, error?: PulseError): void {
    if (state === this.#announced && error === undefined) return;
    this.#announced = state;
    this.#events([{ type: 'connection', state, ...(error === undefined ? {} : { error }) }]);
  }

  #events(events: readonly PulseEvent[]): void {
    this.#push(events.map((event) => ({ type: 'emit', event })));
  }

  #push(effects: readonly Effect[]): void {
    this.#out.push(...effects);
  }
}
