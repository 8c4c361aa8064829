import type { PulseEvent } from '../../src/pulse/events.js';
import { errorFromClose, errorFromStatus, type PulseError } from '../../src/pulse/errors.js';
import { PulseMachine } from '../../src/pulse/machine.js';
import { machineOptions } from '../../src/pulse/machine-options.js';
import { parseServerMessage } from '../../src/pulse/messages.js';
import type { Effect, Input, MachineOptions } from '../../src/pulse/states.js';

/**
 * A server and a speaker in virtual time, for the pure part of the stream. Words are runs of samples of one value,
 * so that recognition is exact: a word that is cut is not recognised, one that is sent twice is recognised twice.
 */
export const RATE = 8000;
const FRAME_MS = 50;
const WORD_MS = 300;
const FIRST_VALUE = 1000;
const PREROLL_MS = 400;
const HANGOVER_MS = 700;

export type Fault =
  /** The connection breaks. */
  | { readonly kind: 'reset'; readonly at: number }
  /** Everything is refused, and what is open breaks. */
  | {
      readonly kind: 'outage';
      readonly at: number;
      readonly ms: number;
      readonly error: PulseError;
    }
  /** What is open stays so without a word; new connections work. */
  | { readonly kind: 'hang'; readonly at: number }
  /** New options are set. */
  | { readonly kind: 'reconfigure'; readonly at: number }
  /** The owner asks for a final. */
  | { readonly kind: 'flush'; readonly at: number }
  /** Audio is to go in larger chunks, or as usual again. */
  | { readonly kind: 'chunks'; readonly at: number; readonly large: boolean }
  /** Somebody else needs the permit, and has it for a while. */
  | { readonly kind: 'yield'; readonly at: number; readonly ms: number };

export interface Scenario {
  /** Milliseconds of silence before each word. */
  readonly pauses: readonly number[];
  readonly faults: readonly Fault[];
  readonly wordsPerFinal: number;
  readonly latencyMs: number;
  readonly vadEvents: boolean;
  /** Answers to `finalize` say what they are. */
  readonly namedAnswers: boolean;
  readonly neverLast?: boolean;
  readonly junk?: boolean;
  /** Only speech is pushed, with `PREROLL_MS` before it and `HANGOVER_MS` after it, and a final is asked for then. */
  readonly gated?: boolean;
  /** False: the server gives no final by itself when speech ends. */
  readonly endpointing?: boolean;
  readonly options?: Partial<MachineOptions>;
  readonly random?: () => number;
}

export interface Outcome {
  readonly events: readonly PulseEvent[];
  /** Indices of the words in the finals, in order. */
  readonly heard: readonly number[];
  /** When each final came, in virtual milliseconds from the first audio. */
  readonly finalsAt: readonly number[];
  readonly connections: number;
  /** Each message with audio: when it was sent, and how much it has, in milliseconds. */
  readonly sent: readonly { readonly at: number; readonly ms: number }[];
  /** Virtual milliseconds from the first audio to the end of the stream. */
  readonly took: number;
  /** The last word was pushed this long after the first audio. */
  readonly spoken: number;
}

export const DEFAULTS: MachineOptions = machineOptions({
  apiKey: 'key',
  sampleRate: RATE,
  vadEvents: true,
  endTimeoutMs: 120_000,
});

/** When a word is said, in milliseconds. */
export function spokenAt(pauses: readonly number[], index: number): number {
  return pauses.slice(0, index + 1).reduce((sum, pause) => sum + pause, index * WORD_MS);
}

export function wordText(index: number): string {
  return `w${index}`;
}

/** Runs the scenario to the end of the stream. */
export function simulate(scenario: Scenario): Outcome {
  const world = new World(scenario);
  return world.run();
}

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

class World {
  readonly #machine: PulseMachine;
  readonly #events: PulseEvent[] = [];
  readonly #finalsAt: number[] = [];
  readonly #sent: { readonly at: number; readonly ms: number }[] = [];
  #queue: Scheduled[] = [];
  #order = 0;
  #now = 0;
  #server: ServerSide | undefined;
  #connections = 0;
  #takenUntil = 0;
  #permit = false;
  #ended = false;

  constructor(private readonly scenario: Scenario) {
    this.#machine = new PulseMachine(
      { ...DEFAULTS, vadEvents: scenario.vadEvents, ...scenario.options },
      scenario.random ?? (() => 0.5),
    );
  }

  run(): Outcome {
    const audio = speech(this.scenario.pauses);
    const frame = (RATE * FRAME_MS) / 1000;
    const frames = Array.from({ length: Math.ceil(audio.length / frame) }, (_, index) =>
      audio.slice(index * frame, (index + 1) * frame),
    );
    const push = (index: number, samples: Int16Array) =>
      this.#input({ type: 'audio', samples, at: index * FRAME_MS });
    if (this.scenario.gated) this.#pushSpeech(frames, push);
    else {
      for (const [index, samples] of frames.entries()) {
        this.#schedule((index + 1) * FRAME_MS, () => push(index, samples));
      }
    }
    const spoken = (audio.length / RATE) * 1000 + FRAME_MS;
    this.#schedule(spoken, () => this.#input({ type: 'end' }));
    for (const fault of this.scenario.faults) this.#schedule(fault.at, () => this.#fault(fault));
    while (!this.#ended) this.#step();
    const heard = this.#events.flatMap((event) =>
      event.type === 'final' ? event.text.split(/\s+/).map((word) => Number(word.slice(1))) : [],
    );
    return {
      events: this.#events,
      heard,
      finalsAt: this.#finalsAt,
      connections: this.#connections,
      sent: this.#sent,
      took: this.#now,
      spoken,
    };
  }

  #pushSpeech(
    frames: readonly Int16Array[],
    push: (index: number, samples: Int16Array) => void,
  ): void {
    let pushed = 0;
    let silent = Number.POSITIVE_INFINITY;
    for (const [index, samples] of frames.entries()) {
      const voiced = samples.some((sample) => sample !== 0);
      const was = silent;
      silent = voiced ? 0 : silent + FRAME_MS;
      if (was >= HANGOVER_MS && !voiced) continue;
      const from = voiced ? Math.max(pushed, index - PREROLL_MS / FRAME_MS) : index;
      pushed = index + 1;
      this.#schedule(pushed * FRAME_MS, () => {
        for (const [offset, frame] of frames.slice(from, index + 1).entries()) {
          push(from + offset, frame);
        }
        if (!voiced && was + FRAME_MS >= HANGOVER_MS) this.#input({ type: 'flush' });
      });
    }
  }

  #step(): void {
    this.#queue.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = this.#queue[0];
    const deadline = this.#machine.deadline;
    if (deadline !== undefined && (!next || deadline < next.at)) {
      this.#now = Math.max(this.#now, deadline);
      this.#input({ type: 'tick' });
      return;
    }
    if (!next) throw new Error(`nothing left to happen in state ${this.#machine.state.name}`);
    this.#queue.shift();
    this.#now = Math.max(this.#now, next.at);
    next.act();
  }

  #schedule(at: number, act: () => void): void {
    this.#queue.push({ at, order: (this.#order += 1), act });
  }

  #input(input: Input): void {
    for (const effect of this.#machine.handle(input, this.#now)) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'ask':
        this.#schedule(Math.max(this.#now, this.#takenUntil), () => {
          this.#permit = true;
          this.#input({ type: 'granted' });
        });
        return;
      case 'release':
        this.#permit = false;
        return;
      case 'connect':
        if (!this.#permit) throw new Error('connects without a permit');
        this.#connect();
        return;
      case 'audio':
        this.#sent.push({ at: this.#now, ms: (effect.samples.length / RATE) * 1000 });
        this.#server?.receive(effect.samples);
        return;
      case 'control':
        this.#server?.control(effect.control);
        return;
      case 'disconnect':
        this.#server = undefined;
        return;
      case 'keep_language':
        return;
      case 'emit':
        this.#events.push(effect.event);
        if (effect.event.type === 'final') this.#finalsAt.push(this.#now);
        if (effect.event.type === 'connection' && effect.event.state === 'ended')
          this.#ended = true;
        return;
    }
  }

  #connect(): void {
    this.#connections += 1;
    const outage = this.scenario.faults.find(
      (fault) =>
        fault.kind === 'outage' && this.#now >= fault.at && this.#now < fault.at + fault.ms,
    );
    this.#schedule(this.#now + 20, () => {
      if (this.#machine.state.name !== 'connecting') return;
      if (outage?.kind === 'outage') {
        this.#input({ type: 'lost', error: outage.error });
        return;
      }
      const server: ServerSide = new ServerSide(this.scenario, (message) => {
        this.#schedule(this.#now + this.scenario.latencyMs, () => {
          if (this.#server !== server) return;
          this.#input({ type: 'message', message: parseServerMessage(message) });
        });
      });
      this.#server = server;
      this.#input({ type: 'opened' });
    });
  }

  #fault(fault: Fault): void {
    switch (fault.kind) {
      case 'reset':
        this.#break(errorFromClose(1006, ''));
        return;
      case 'outage':
        this.#break(fault.error);
        return;
      case 'hang':
        this.#server?.hang();
        return;
      case 'reconfigure':
        this.#input({ type: 'reconfigure', finalsOnly: false, newLanguage: false });
        return;
      case 'flush':
        this.#input({ type: 'flush' });
        return;
      case 'chunks':
        this.#machine.hearing.largeChunks = fault.large;
        this.#input({ type: 'tick' });
        return;
      case 'yield':
        this.#takenUntil = this.#now + fault.ms;
        this.#input({ type: 'yield' });
        return;
    }
  }

  #break(error: PulseError): void {
    if (!this.#server) return;
    this.#server = undefined;
    this.#input({ type: 'lost', error });
  }
}

interface HeardWord {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** The server's end of one connection. */
class ServerSide {
  #samples = 0;
  #value = 0;
  #runStart = 0;
  #pending: HeardWord[] = [];
  #lastVoice = 0;
  #speaking = false;
  #hanging = false;

  constructor(
    private readonly scenario: Scenario,
    private readonly say: (message: string) => void,
  ) {}

  hang(): void {
    this.#hanging = true;
  }

  receive(samples: Int16Array): void {
    if (this.#hanging) return;
    const before = this.#pending.length;
    for (const sample of samples) {
      if (sample !== this.#value) this.#runEnds(sample);
      this.#samples += 1;
      if (sample !== 0) this.#voice();
    }
    if (this.scenario.junk) this.say('not json {');
    if (this.#pending.length >= this.scenario.wordsPerFinal) this.#final({});
    else if (this.#pending.length !== before) this.#transcript(false, {});
    if (this.#speaking && this.#ms() - this.#lastVoice > 600) {
      this.#speaking = false;
      const endpointing = this.scenario.endpointing ?? true;
      if (endpointing && this.#pending.length > 0) this.#final({});
      this.#tell({ type: 'speech_ended', timestamp: this.#lastVoice / 1000 });
    }
  }

  control(control: 'finalize' | 'close_stream' | 'keepalive'): void {
    if (this.#hanging) return;
    switch (control) {
      case 'keepalive':
        this.#tell({ type: 'pong' });
        return;
      case 'finalize':
        this.#final(this.scenario.namedAnswers ? { from_finalize: true } : {});
        return;
      case 'close_stream':
        this.#runEnds(0);
        this.#final(this.scenario.neverLast ? {} : { is_last: true });
        return;
    }
  }

  #runEnds(next: number): void {
    const samples = this.#samples - this.#runStart;
    if (this.#value !== 0 && samples === (RATE * WORD_MS) / 1000) {
      const start = (this.#runStart / RATE) * 1000;
      this.#pending.push({ index: this.#value - FIRST_VALUE, start, end: this.#ms() });
    }
    this.#value = next;
    this.#runStart = this.#samples;
  }

  #voice(): void {
    this.#lastVoice = this.#ms();
    if (this.#speaking) return;
    this.#speaking = true;
    this.#tell({ type: 'speech_started', timestamp: this.#lastVoice / 1000 });
  }

  #final(flags: object): void {
    this.#transcript(true, flags);
    this.#pending = [];
  }

  #transcript(isFinal: boolean, flags: object): void {
    this.#tell({
      type: 'transcription',
      transcript: this.#pending.map((word) => wordText(word.index)).join(' '),
      is_final: isFinal,
      is_last: false,
      words: this.#pending.map((word) => ({
        word: wordText(word.index),
        start: word.start / 1000,
        end: word.end / 1000,
        confidence: 1,
      })),
      ...flags,
    });
  }

  #tell(message: { readonly type: string; readonly [field: string]: unknown }): void {
    const speech = message.type.startsWith('speech_');
    if (speech && !this.scenario.vadEvents) return;
    this.say(JSON.stringify(message));
  }

  #ms(): number {
    return (this.#samples / RATE) * 1000;
  }
}

function speech(pauses: readonly number[]): Int16Array {
  const count = (ms: number): number => Math.round((ms * RATE) / 1000);
  const total = pauses.reduce((sum, pause) => sum + count(pause) + count(WORD_MS), count(1000));
  const samples = new Int16Array(total);
  let offset = 0;
  for (const [index, pause] of pauses.entries()) {
    offset += count(pause);
    samples.fill(FIRST_VALUE + index, offset, offset + count(WORD_MS));
    offset += count(WORD_MS);
  }
  return samples;
}

export const unavailable = errorFromStatus(503, '');
export const noStream = errorFromClose(1008, '');
