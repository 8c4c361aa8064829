import { NAME, VERSION } from '../version.js';
import type { PulseError } from './errors.js';
import type { PulseEvent } from './events.js';
import { encodeAlaw, encodeLinear16, encodeMulaw, type Encoder } from './g711.js';
import { normaliseLanguage } from './languages.js';
import { PulseMachine } from './machine.js';
import { hidesInterims, machineOptions } from './machine-options.js';
import { parseServerMessage } from './messages.js';
import {
  checkOptions,
  DEFAULT_BASE_URL,
  streamQuery,
  type PulseRecognition,
  type PulseStreamOptions,
} from './options.js';
import type { PulsePosition } from './recognised.js';
import { PulseSocket } from './socket.js';
import type { Control, Effect, Input, MachineState } from './states.js';
import type { Applicant, StreamPermits } from './pool.js';

export interface PulseStreamHandlers {
  /**
   * Called in order, never after `end` has resolved or `close` has returned. It must not throw.
   * @param message the number of the server's message that brought it, over all connections from 1; undefined where
   * none did
   */
  onEvent(event: PulseEvent, message?: number): void;
  /**
   * The service does not have the language that `updateOptions` asked for. The one before it holds again, and nothing
   * is lost.
   */
  onLanguageRefused?(language: string, error: PulseError): void;
}

/** What a running stream can change. An option that is given as undefined has the server's default again. */
export type PulseChanges = {
  readonly [Name in Exclude<keyof PulseRecognition, 'sampleRate' | 'encoding' | 'vadEvents'>]?:
    PulseRecognition[Name] | undefined;
};

const ENCODERS: Readonly<Record<NonNullable<PulseRecognition['encoding']>, Encoder>> = {
  linear16: encodeLinear16,
  mulaw: encodeMulaw,
  alaw: encodeAlaw,
};

/**
 * Speech of one person in, text out, over as many connections as it takes. It connects when the first audio comes,
 * and no word is lost to a connection that breaks: audio is kept until a final confirms it (`bufferMs`) and sent
 * again. What had to be given up is told as a `gap`.
 */
export class PulseStream {
  readonly #machine: PulseMachine;
  readonly #permits: StreamPermits | undefined;
  readonly #applicant: Applicant;
  readonly #inputs: Input[] = [];
  #options: PulseStreamOptions;
  #provenLanguage: string;
  #socket: PulseSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #messages = 0;
  /** The number of the message that is being handled. */
  #message: number | undefined;
  #ended: (() => void) | undefined;
  readonly #done = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });

  /**
   * @param from where another stream of the same audio has stopped: what its finals said is not said again
   * @param permits who may connect; left out: everybody
   * @throws PulseError `bad_options` that lists everything that is wrong.
   */
  constructor(
    options: PulseStreamOptions,
    private readonly handlers: PulseStreamHandlers,
    from?: PulsePosition,
    permits?: StreamPermits,
  ) {
    checkOptions(options);
    this.#permits = permits;
    this.#applicant = {
      granted: () => this.#run({ type: 'granted' }),
      yield: () => this.#run({ type: 'yield' }),
      isIdle: () => this.#machine.idle(performance.now()),
    };
    this.#options = options;
    this.#provenLanguage = languageOf(options);
    this.#machine = new PulseMachine(machineOptions(options), Math.random, from);
  }

  /**
   * @param samples mono PCM at the stream's rate; they are kept, so the caller must not write to them again.
   * @param at milliseconds on the caller's clock at the first sample; never less than the end of what came before.
   */
  push(samples: Int16Array, at: number): void {
    this.#run({ type: 'audio', samples, at });
  }

  /** Asks for a final of what was pushed so far; the stream goes on. */
  flush(): void {
    this.#run({ type: 'flush' });
  }

  /**
   * No more audio will come: waits for the last final, over reconnections if need be, within `lastTimeoutMs` of the
   * server's silence and `endTimeoutMs` in all. Resolves when every event was delivered; never rejects.
   */
  end(): Promise<void> {
    this.#run({ type: 'end' });
    return this.#done;
  }

  /** Drops everything at once. What is not final is lost. */
  close(): void {
    this.#run({ type: 'close' });
  }

  /**
   * Changes options of the recognition by a new connection at the next pause, at the latest in ten seconds, without
   * losing a word. Redaction that is turned on does not wait.
   *
   * @throws PulseError `bad_options`, also for what a running stream cannot change: its rate and encoding.
   */
  updateOptions(changes: PulseChanges): void {
    const options: PulseStreamOptions = Object.assign({}, this.#options, changes);
    checkOptions(options, this.#options);
    const language = languageOf(this.#options);
    if (!this.#machine.changes.languageUnproven) this.#provenLanguage = language;
    this.#options = options;
    this.#run({
      type: 'reconfigure',
      finalsOnly: hidesInterims(options),
      newLanguage: languageOf(options) !== language,
    });
  }

  /** How far the finals have come: another stream can go on from there. */
  get position(): PulsePosition {
    return this.#machine.hearing.position;
  }

  /** Audio that may be speech and is in no final yet, in milliseconds of the caller's clock. */
  get unconfirmedSpeech(): { readonly start: number; readonly end: number } | undefined {
    return this.#machine.hearing.unconfirmedSpeech;
  }

  /** What its connection is about now. */
  get state(): MachineState['name'] {
    return this.#machine.state.name;
  }

  /**
   * Milliseconds of audio that an open connection has not taken: it waits for its time, or for the network. 0 while there
   * is no connection, which has reasons of its own.
   */
  get unsentMs(): number {
    if (this.state !== 'live') return 0;
    const { wireBytes, sampleRate } = machineOptions(this.#options);
    const inSocket = (this.#socket?.waitingBytes ?? 0) / wireBytes / sampleRate;
    return this.#machine.hearing.audio.waitingMs + 1000 * inSocket;
  }

  /**
   * Sends live audio in messages of 200 ms rather than 50, or as usual again. It comes that much later and costs less;
   * nothing else changes, and what is held back goes with the next `flush` or `end`.
   */
  useLargeChunks(large: boolean): void {
    this.#machine.hearing.largeChunks = large;
    this.#run({ type: 'tick' });
  }

  /** Milliseconds of audio that no final has confirmed yet. */
  get unconfirmedMs(): number {
    return this.#machine.hearing.audio.keptMs;
  }

  /** Inputs that come up while one is handled (a handler that pushes or closes) wait for their turn. */
  #run(input: Input): void {
    this.#inputs.push(input);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) {
        this.#message = next.type === 'message' ? (this.#messages += 1) : undefined;
        const effects = this.#machine.handle(next, performance.now());
        for (const effect of effects) this.#perform(effect);
      }
    } finally {
      this.#running = false;
    }
    this.#schedule();
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'ask':
        this.#permits?.ask(this.#applicant, effect.speaking);
        if (!this.#permits) this.#run({ type: 'granted' });
        return;
      case 'release':
        this.#permits?.release(this.#applicant);
        return;
      case 'connect':
        this.#connect();
        return;
      case 'audio':
        this.#socket?.sendAudio(ENCODERS[this.#options.encoding ?? 'linear16'](effect.samples));
        return;
      case 'control':
        this.#socket?.sendJson({ type: effect.control } satisfies { type: Control });
        return;
      case 'disconnect':
        this.#socket?.drop();
        this.#socket = undefined;
        return;
      case 'keep_language': {
        const refused = languageOf(this.#options);
        this.#options = { ...this.#options, language: this.#provenLanguage };
        this.handlers.onLanguageRefused?.(refused, effect.error);
        return;
      }
      case 'emit':
        this.handlers.onEvent(effect.event, this.#message);
        if (effect.event.type === 'connection' && isOver(effect.event.state)) this.#ended?.();
        return;
    }
  }

  #connect(): void {
    const base = (this.#options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, '');
    const url = new URL(`${base.replace(/^http/, 'ws')}/stt/live`);
    url.search = streamQuery(this.#options).toString();
    const headers = {
      Authorization: `Bearer ${this.#options.apiKey}`,
      'X-Source': NAME,
      'X-Source-Version': VERSION,
    };
    this.#socket = new PulseSocket(url, headers, {
      opened: () => this.#run({ type: 'opened' }),
      message: (data) => this.#run({ type: 'message', message: parseServerMessage(data) }),
      blocked: () => this.#run({ type: 'blocked' }),
      drained: () => this.#run({ type: 'drained' }),
      lost: (error) => this.#run({ type: 'lost', error }),
    });
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { deadline } = this.#machine;
    if (deadline === undefined) return;
    const wait = Math.max(0, deadline - performance.now());
    this.#timer = setTimeout(() => this.#run({ type: 'tick' }), Math.ceil(wait));
  }
}

function languageOf({ language = 'en' }: PulseRecognition): string {
  return normaliseLanguage(language, 'streaming') ?? language;
}

function isOver(state: string): boolean {
  return state === 'ended' || state === 'failed';
}
