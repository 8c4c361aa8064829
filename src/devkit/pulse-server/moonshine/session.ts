import {
  RECOGNISER_RATE,
  type RecognisedWord,
  type RecogniserEvents,
  type RecogniserSession,
  type SessionOptions,
} from '../recogniser.js';
import { Agreement } from './agreement.js';
import type { Engine } from './engine.js';
import { InOrder } from './in-order.js';
import { type GateEvent, SpeechGate } from './speech-gate.js';
import { type Span, Trail } from './trail.js';
import { VadFeed } from './vad-feed.js';
import { spreadWords } from './word-times.js';

const seconds = (samples: number): number => samples / RECOGNISER_RATE;
const samplesOf = (time: number): number => Math.round(time * RECOGNISER_RATE);

const LEAD_IN = samplesOf(0.5);
const TAIL = samplesOf(0.3);
const LONGEST = samplesOf(12);
const CUT_WITHIN = samplesOf(4);
const INTERIM_EVERY = samplesOf(0.35);
const ANSWERS_WAITING = 8;
/** Less voice than this is the end of a word that was cut, or a cough: the model would make words of it. */
const LEAST_VOICE = samplesOf(0.12);
const READY = Promise.resolve();

interface Utterance {
  /** Where its sound begins, a little before the voice. */
  from: number;
  readonly agreement: Agreement;
}

/**
 * One stream. Its sound goes through the voice detector window by window; where there is a voice an utterance is
 * open, of which interims are made one after the other while it grows, and a final when it ends. While finals wait
 * to be decoded no interim is begun, and an interim that comes back after its utterance ended is dropped: so the
 * answers are in the order of the sound.
 */
export class MoonshineSession implements RecogniserSession {
  private readonly trail = new Trail();
  private readonly gate: SpeechGate;
  private readonly feed: VadFeed;
  private utterance: Utterance | undefined;
  /** Sound before this has been decoded for good. */
  private done = 0;
  private readonly answers = new InOrder();
  private interimRunning = false;
  private interimAt = 0;
  private closed = false;

  constructor(
    private readonly engine: Engine,
    private readonly options: SessionOptions,
    private readonly events: RecogniserEvents,
    private readonly onClose: () => void,
  ) {
    this.gate = new SpeechGate(options.silenceMs);
    this.feed = new VadFeed(engine, {
      window: (samples, probability) => this.hear(samples, probability),
      ready: () => (this.answers.waiting < ANSWERS_WAITING ? READY : this.answers.idle),
      failed: (error) => this.fail(error),
    });
  }

  push(samples: Int16Array): Promise<void> | undefined {
    return this.feed.push(samples);
  }

  async flush(): Promise<readonly RecognisedWord[]> {
    let rest: readonly RecognisedWord[] = [];
    await this.feed.mark(() => {
      const { utterance } = this;
      if (utterance === undefined) return;
      const span = { from: utterance.from, to: this.trail.end };
      this.utterance = { from: span.to, agreement: new Agreement() };
      this.decodeFinal(span, utterance.agreement, (words) => (rest = words));
    });
    await this.answers.idle;
    return rest;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.feed.close();
    this.onClose();
  }

  private fail(error: unknown): void {
    if (!this.closed) this.events.failed(error);
    this.close();
  }

  private hear(samples: Float32Array, probability: number): void {
    this.trail.append(samples, probability);
    const event = this.gate.push(probability, samples.length);
    if (event !== undefined) this.turn(event);
    if (this.utterance === undefined) {
      this.trail.dropBefore(this.trail.end - 2 * LEAD_IN);
      return;
    }
    if (this.trail.end - this.utterance.from >= LONGEST) this.cut(this.utterance);
    this.maybeInterim();
  }

  private turn(event: GateEvent): void {
    switch (event.type) {
      case 'speech':
        this.utterance = {
          from: Math.max(this.done, event.at - LEAD_IN, 0),
          agreement: new Agreement(),
        };
        this.interimAt = event.at;
        this.say(() => this.events.speechStarted(seconds(event.at)));
        return;
      case 'silence':
        this.end(event.at);
    }
  }

  private end(at: number): void {
    const { utterance } = this;
    this.utterance = undefined;
    this.say(() => this.events.silence(seconds(at)));
    if (utterance === undefined) return;
    const span = {
      from: utterance.from,
      to: Math.max(utterance.from, Math.min(this.trail.end, at + TAIL)),
    };
    this.decodeFinal(span, utterance.agreement, (words) => {
      this.events.final(words, true);
      this.events.speechEnded(seconds(at));
    });
  }

  /** Long utterances cost and err more. */
  private cut(utterance: Utterance): void {
    const at = this.trail.quietest({ from: this.trail.end - CUT_WITHIN, to: this.trail.end });
    const span = { from: utterance.from, to: at };
    this.utterance = { from: at, agreement: new Agreement() };
    this.decodeFinal(span, utterance.agreement, (words) => this.events.final(words, false));
  }

  /** `deliver` gets the words that are not settled yet, when all answers before it are out. */
  private decodeFinal(
    span: Span,
    agreement: Agreement,
    deliver: (words: readonly RecognisedWord[]) => void,
  ): void {
    const sound = this.trail.slice(span);
    const voiced = this.trail.voiced(span);
    this.done = span.to;
    this.trail.dropBefore(span.to - LEAD_IN);
    this.answers.add(async () => {
      const text = await this.read(sound, voiced);
      if (!this.closed) deliver(agreement.finish(spreadWords(text, voiced)));
    });
  }

  /** An event keeps its place among the finals that are still being decoded. */
  private say(run: () => void): void {
    this.answers.soon(() => {
      if (!this.closed) run();
    });
  }

  private async read(sound: Float32Array, voiced: readonly Span[]): Promise<string> {
    const voice = voiced.reduce((sum, span) => sum + span.to - span.from, 0);
    if (this.closed || voice < LEAST_VOICE) return '';
    try {
      return await this.engine.scheduler.final(() => this.engine.decode(sound));
    } catch (error) {
      this.fail(error);
      return '';
    }
  }

  private maybeInterim(): void {
    const { utterance } = this;
    if (!this.options.interims || utterance === undefined) return;
    if (this.interimRunning || this.answers.waiting > 0) return;
    if (this.trail.end - this.interimAt < INTERIM_EVERY) return;
    this.interimRunning = true;
    void this.engine.scheduler
      .interim(() => this.readInterim(utterance))
      .catch((error: unknown) => this.fail(error))
      .finally(() => (this.interimRunning = false));
  }

  private isOpen(utterance: Utterance): boolean {
    return !this.closed && this.utterance === utterance;
  }

  private async readInterim(utterance: Utterance): Promise<void> {
    if (!this.isOpen(utterance)) return;
    const span = { from: utterance.from, to: this.trail.end };
    this.interimAt = span.to;
    const voiced = this.trail.voiced(span);
    const text = await this.engine.decode(this.trail.slice(span));
    if (!this.isOpen(utterance)) return;
    const words = spreadWords(text, voiced);
    if (!this.options.finalizeOnWords) {
      this.events.interim(words);
      return;
    }
    const { settled, open } = utterance.agreement.read(words, seconds(span.to));
    if (settled.length > 0) this.events.final(settled, false);
    if (open.length > 0) this.events.interim(open);
  }
}
