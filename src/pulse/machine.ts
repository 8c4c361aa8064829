import { PendingChanges } from './changes.js';
import { errorFromClose, type PulseError, silentError, unansweredError } from './errors.js';
import type { ConnectionState } from './events.js';
import { Failures } from './failures.js';
import { Hearing } from './hearing.js';
import type { ServerMessage } from './messages.js';
import { Outbox } from './outbox.js';
import { Parting } from './parting.js';
import { Permit } from './permit.js';
import type { PulsePosition } from './recognised.js';
import { deadlineOf } from './states.js';
import type { Effect, Input, MachineOptions, MachineState } from './states.js';

/** A new connection is announced as live when it has said something or lived this long: a 1008 comes right after. */
const PROVEN_MS = 1000;

/**
 * The life of one stream (see `MachineState`) without any I/O: what happens comes in with the time, what to do goes
 * out. Time is a monotonic clock in milliseconds; times of audio are the owner's (see `PulseEvent`).
 */
export class PulseMachine {
  readonly hearing: Hearing;
  readonly changes: PendingChanges;
  readonly #out = new Outbox();
  readonly #failures: Failures;
  readonly #parting: Parting;
  #state: MachineState = { name: 'idle' };
  readonly #permit = new Permit(this.#out);
  #endBy: number | undefined;

  constructor(
    private readonly options: MachineOptions,
    random: () => number,
    from?: PulsePosition,
  ) {
    this.hearing = new Hearing(options, from);
    this.changes = new PendingChanges(options.finalsOnly);
    this.#failures = new Failures(random, options.silenceLimitMs);
    this.#parting = new Parting(this.hearing, options.idleCloseMs);
  }

  get state(): MachineState {
    return this.#state;
  }

  /** Whether it could do without its connection: all that was said is confirmed, and nobody speaks. */
  idle(now: number): boolean {
    return this.#state.name === 'live' && !this.#endBy && now >= this.hearing.idleAt;
  }

  handle(input: Input, now: number): readonly Effect[] {
    this.#apply(input, now);
    this.#advance(now);
    return this.#out.take();
  }

  /** When the next `tick` is due; undefined while only an input can change anything. */
  get deadline(): number | undefined {
    const live = this.#state.name === 'live' ? this.#liveDeadline() : Infinity;
    const next = Math.min(
      this.#endBy ?? Infinity,
      this.#permit.deadline,
      live,
      deadlineOf(this.#state, this.options),
    );
    return Number.isFinite(next) ? next : undefined;
  }

  #liveDeadline(): number {
    const { openedAt = Infinity } = this.hearing;
    return Math.min(
      this.hearing.deadline(this.#toTheEnd, this.#failures.patienceMs),
      this.#out.announced === 'live' ? Infinity : openedAt + PROVEN_MS,
      this.changes.deadline,
      this.#parting.deadline,
    );
  }

  #apply(input: Input, now: number): void {
    if (this.#state.name === 'failed' || this.#state.name === 'ended') {
      if (input.type === 'close' || input.type === 'end') this.#finish('ended');
      return;
    }
    switch (input.type) {
      case 'audio':
        if (this.#endBy === undefined) this.hearing.push(input.samples, input.at, now);
        return;
      case 'flush':
        this.hearing.flush();
        return;
      case 'end':
        this.#endBy ??= now + this.options.endTimeoutMs;
        this.#parting.close();
        return;
      case 'close':
        this.#finish('ended');
        return;
      case 'reconfigure':
        this.#reconfigure(input, now);
        return;
      case 'granted':
        if (this.#state.name !== 'queued') return;
        this.#permit.granted();
        this.#connectIfNeeded(now);
        return;
      case 'yield':
        if (this.#state.name === 'live') this.#parting.ask(now);
        return;
      case 'opened':
        this.#open(now);
        return;
      case 'message':
        this.#message(input.message, now);
        return;
      case 'lost':
        this.#lost(this.hearing.explain(input.error), now);
        return;
      case 'blocked':
      case 'drained':
        this.hearing.blocked = input.type === 'blocked';
        return;
      case 'tick':
        return;
    }
  }

  /** What follows from where things stand, whatever the input was. */
  #advance(now: number): void {
    if (this.#endBy !== undefined && now >= this.#endBy) {
      this.hearing.giveUp();
      this.#finish('ended');
    }
    const due = now >= deadlineOf(this.#state, this.options);
    switch (this.#state.name) {
      case 'idle':
        this.#connectIfNeeded(now);
        return;
      case 'queued':
        if (this.#permit.speaking) this.#permit.tick(now);
        else if (this.hearing.hasUnconfirmedSpeech) this.#permit.ask(true, now);
        else if (this.#endBy !== undefined) this.#finish('ended');
        return;
      case 'waiting':
        if (due) this.#connectIfNeeded(now);
        return;
      case 'connecting':
        if (due) this.#lost(unansweredError('opening'), now);
        return;
      case 'live':
        this.#advanceLive(now);
        return;
      case 'closing':
      case 'parting':
        if (due) this.#lost(unansweredError('end'), now);
        return;
      case 'failed':
      case 'ended':
        return;
    }
  }

  #advanceLive(now: number): void {
    const { hearing } = this;
    if (now >= (hearing.openedAt ?? Infinity) + PROVEN_MS) this.#out.announce('live');
    this.#parting.look(now);
    const { effects, silent } = hearing.pump(this.#toTheEnd, this.#failures.patienceMs, now);
    this.#out.put(...effects);
    if (silent) {
      this.#failures.silent();
      this.#lost(silentError(), now);
      return;
    }
    const allSent = hearing.audio.waitingMs === 0;
    if (allSent && this.#endBy !== undefined) {
      this.#out.put(...hearing.closeStream());
      this.#state = { name: 'closing', since: now };
    } else if (allSent && this.#parting.winding) {
      this.#out.put(...hearing.closeStream());
      this.#state = { name: 'parting', since: now, upTo: hearing.audio.end ?? -Infinity };
    } else if (this.#parting.overdue(now)) {
      this.#yield(now);
    } else if (this.changes.pending && (hearing.quiet || now >= this.changes.deadline)) {
      // As after a reset: what no final has confirmed is sent again, so that no word is cut by the change.
      this.#drop(now);
      this.#connectIfNeeded(now);
    }
  }

  /** In mid-speech: what no final has confirmed waits for the next permit, and is sent again. */
  #yield(now: number): void {
    this.#drop(now);
    this.#permit.release();
    this.#connectIfNeeded(now);
  }

  #reconfigure(asked: Input & { type: 'reconfigure' }, now: number): void {
    const open = this.#state.name === 'live' || this.#state.name === 'connecting';
    if (this.changes.ask(asked, open, now)) this.#out.tell(this.hearing.holdInterims(true));
  }

  #connectIfNeeded(now: number): void {
    if (this.hearing.audio.keptMs > 0) {
      if (!this.#permit.held) {
        this.#state = { name: 'queued' };
        this.#permit.ask(this.hearing.hasUnconfirmedSpeech, now);
        return;
      }
      this.changes.connecting();
      this.#become({ name: 'connecting', since: now }, 'connecting');
      this.#out.put({ type: 'connect' });
    } else if (this.#endBy !== undefined) {
      this.#finish('ended');
    } else {
      this.#permit.release();
      this.#become({ name: 'idle' }, 'idle');
    }
  }

  #open(now: number): void {
    if (this.#state.name !== 'connecting') return;
    this.#state = { name: 'live' };
    const { pending, finalsOnly } = this.changes;
    if (!pending) this.#out.tell(this.hearing.holdInterims(finalsOnly));
    this.#out.tell(this.hearing.open(now));
  }

  #message(message: ServerMessage, now: number): void {
    const { events, heard, final, last } = this.hearing.say(message, now);
    if (heard) {
      this.#failures.heard();
      this.changes.heard();
      if (this.#state.name === 'live') this.#out.announce('live');
    }
    this.#out.tell(events);
    const state = this.#state;
    if (last && state.name === 'closing') this.#finish('ended');
    else if (last && state.name === 'parting') this.#part(state.upTo, now);
    else if (last) this.#lost(errorFromClose(1000, 'the server ended the stream'), now);
    else if (final && this.#parting.overdue(now, true)) this.#yield(now);
  }

  /** Without a connection until audio comes; what came meanwhile asks for the next one. */
  #part(upTo: number, now: number): void {
    this.hearing.audio.confirm(upTo);
    this.#drop(now);
    this.#permit.release();
    this.#become({ name: 'idle' }, 'idle');
  }

  /** The connection is gone, or has to go. */
  #lost(error: PulseError, now: number): void {
    const state = this.#state;
    if (state.name === 'idle' || state.name === 'queued' || state.name === 'waiting') return;
    if (this.changes.takeLanguageBack(error)) {
      this.#out.put({ type: 'keep_language', error });
      this.#drop(now);
      this.#become({ name: 'waiting', until: now }, 'connecting');
      return;
    }
    if (!error.retryable) {
      this.hearing.giveUp();
      this.#finish('failed', error);
      return;
    }
    const unheard = this.hearing.hasUnconfirmedSpeech;
    if (state.name === 'closing' && !(this.#failures.mayRetryTheEnd() && unheard)) {
      this.#finish('ended');
    } else if (state.name === 'parting' && !unheard) {
      this.#part(state.upTo, now);
    } else {
      this.#drop(now);
      const until = now + this.#failures.lost(error);
      this.#become({ name: 'waiting', until }, 'waiting', error);
    }
  }

  #drop(now: number): void {
    this.#parting.gone();
    this.#out.tell(this.hearing.disconnected(now));
    this.#out.put({ type: 'disconnect' });
  }

  #finish(state: 'ended' | 'failed', error?: PulseError): void {
    if (this.#state.name === 'ended') return;
    this.#out.put({ type: 'disconnect' });
    this.#permit.release();
    this.#out.tell(this.hearing.end());
    this.#endBy = undefined;
    this.#become({ name: state }, state, error);
  }

  get #toTheEnd(): boolean {
    return this.#endBy !== undefined || this.hearing.flushing || this.#parting.winding;
  }

  #become(state: MachineState, announced: ConnectionState, error?: PulseError): void {
    this.#state = state;
    this.#out.announce(announced, error);
  }
}
