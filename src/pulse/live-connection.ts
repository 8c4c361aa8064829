import { errorFromClose, type PulseError } from './errors.js';
import type { PulseEvent, Utterance, Word } from './events.js';
import type { ServerMessage, Transcript, WireUtterance, WireWord } from './messages.js';
import type { Overlap } from './overlap.js';
import type { Effect, MachineOptions } from './states.js';
import { Timeline } from './timeline.js';
import type { HeardTranscript, Turns } from './turns.js';
import type { UnconfirmedAudio } from './unconfirmed.js';

/** The largest frame that the vendor advises. */
const FRAME_BYTES = 8192;
/** The smallest that is worth a message while audio comes in live. */
const LIVE_FRAME_MS = 40;
/** The same where messages are to be fewer. */
const LARGE_FRAME_MS = 200;
/** What is pushed at once, mostly: a frame that is filled up does not become larger than it may by it. */
const PUSHED_MS = 50;
/** A backlog goes out at about this many times real time, within the advised 20 to 100 ms between frames. */
const CATCH_UP = 5;
const KEEPALIVE_MS = 5000;
/** A final has to follow a `finalize` within this time. */
const ANSWER_MS = 3000;
/** Quiet audio is finalized at this length, so that the silence need not be kept. */
const QUIET_KEPT_MS = 15_000;
/** A final without any times speaks for what was sent up to this long ago: the recogniser's own delay. */
const DECODER_DELAY_MS = 1100;
const USAGE_EVERY_MS = 5000;

interface Question {
  readonly at: number;
  /** The owner's time up to which audio had been sent. */
  readonly upTo: number | undefined;
}

/** What is known of one open connection: its clock, its pace, what it was asked, and when it last answered. */
export class LiveConnection {
  /** While the network takes no more, audio waits where it is still counted. */
  blocked = false;
  /** Live audio goes in fewer, larger messages, which is cheaper and later. */
  largeChunks = false;
  readonly #timeline = new Timeline();
  #overlap: Overlap | undefined;
  #nextSendAt: number;
  #lastSentAt: number;
  #lastHeardAt: number;
  /** Since when audio that may hold words has been sent without a word from the server. */
  #unansweredSince: number | undefined;
  #question: Question | undefined;
  #answersByName = false;
  #usageMs = 0;
  #errorMessage: Extract<ServerMessage, { type: 'error' }> | undefined;

  constructor(
    private readonly options: MachineOptions,
    readonly openedAt: number,
    overlap: Overlap,
  ) {
    this.#overlap = overlap;
    this.#nextSendAt = openedAt;
    this.#lastSentAt = openedAt;
    this.#lastHeardAt = openedAt;
  }

  /** Sends what is due: live audio at once, a backlog at its pace. */
  pump(audio: UnconfirmedAudio, toTheEnd: boolean, now: number): Effect[] {
    const effects: Effect[] = [];
    const { frameMs, intervalMs } = this.#pace();
    while (!this.blocked && now >= this.#nextSendAt) {
      const chunk = audio.take(toTheEnd ? 0 : this.leastMs, frameMs);
      if (!chunk) break;
      const ms = (chunk.samples.length / this.options.sampleRate) * 1000;
      effects.push({ type: 'audio', samples: chunk.samples });
      this.#timeline.sent(chunk.at, ms);
      this.#usageMs += ms;
      this.#lastSentAt = now;
      if (chunk.loud) this.#unansweredSince ??= now;
      // A late timer is made up for, but not more than one frame of it.
      this.#nextSendAt =
        audio.waitingMs >= this.leastMs
          ? Math.max(this.#nextSendAt, now - intervalMs) + intervalMs
          : now;
    }
    return effects;
  }

  /** Audio that is shorter waits for more, unless it is the last. */
  get leastMs(): number {
    if (!this.largeChunks) return LIVE_FRAME_MS;
    return Math.max(LIVE_FRAME_MS, Math.min(LARGE_FRAME_MS, this.#pace().frameMs - PUSHED_MS));
  }

  finalize(now: number): Effect[] {
    this.#ask(now);
    this.#lastSentAt = now;
    return [{ type: 'control', control: 'finalize' }];
  }

  closeStream(): Effect[] {
    this.#ask(Number.POSITIVE_INFINITY);
    return [{ type: 'control', control: 'close_stream' }];
  }

  heard(now: number): void {
    this.#lastHeardAt = now;
    this.#unansweredSince = undefined;
  }

  /**
   * Keeps the connection open while nothing is sent, and finds out whether it is still worth having: a server that
   * has said nothing for long is asked to finalize, which it has to answer.
   */
  watch(
    audio: UnconfirmedAudio,
    turns: Turns,
    now: number,
    silenceLimitMs: number,
  ): { effects: Effect[]; silent: boolean; confirmed: number | undefined } {
    const nothing = { effects: [], silent: false, confirmed: undefined };
    const question = this.#question;
    if (question) {
      if (now < question.at + ANSWER_MS) return nothing;
      this.#question = undefined;
      if (this.#lastHeardAt > question.at) return nothing;
      const owes = this.#unansweredSince !== undefined || turns.unsettled;
      if (owes) return { ...nothing, silent: true };
      // Only silence was sent since it last spoke: some servers have nothing to say to that.
      return { ...nothing, confirmed: question.upTo };
    }
    if (this.#askAt(audio, turns, silenceLimitMs) <= now) {
      return { ...nothing, effects: this.finalize(now) };
    }
    if (now >= this.#lastSentAt + KEEPALIVE_MS) {
      this.#lastSentAt = now;
      return { ...nothing, effects: [{ type: 'control', control: 'keepalive' }] };
    }
    return nothing;
  }

  /** When `pump` or `watch` have something to do if nothing comes in. */
  deadline(
    audio: UnconfirmedAudio,
    turns: Turns,
    silenceLimitMs: number,
    toTheEnd: boolean,
  ): number {
    const enough = audio.waitingMs >= this.leastMs || (toTheEnd && audio.waitingMs > 0);
    const sending = enough && !this.blocked;
    return Math.min(
      sending ? this.#nextSendAt : Number.POSITIVE_INFINITY,
      this.#question
        ? this.#question.at + ANSWER_MS
        : Math.min(this.#lastSentAt + KEEPALIVE_MS, this.#askAt(audio, turns, silenceLimitMs)),
    );
  }

  #askAt(audio: UnconfirmedAudio, turns: Turns, silenceLimitMs: number): number {
    const never = Number.POSITIVE_INFINITY;
    const unanswered =
      this.#unansweredSince === undefined ? never : this.#unansweredSince + silenceLimitMs;
    const stuck = turns.unsettled ? this.#lastHeardAt + silenceLimitMs : never;
    const quiet =
      turns.quiet && audio.keptMs - audio.waitingMs >= QUIET_KEPT_MS ? this.#lastHeardAt : never;
    return Math.min(unanswered, stuck, quiet);
  }

  /** The transcript on the owner's clock, without what a replay repeats; undefined when nothing of it is new. */
  translate(message: Transcript): HeardTranscript | undefined {
    const words = this.wordsOf(message);
    const heard: HeardTranscript = {
      text: message.text,
      words,
      utterances: message.utterances.map((utterance) => this.#timedUtterance(utterance)),
      isFinal: message.isFinal,
      endsTurn: message.isLast || message.fromFinalize === true || message.speechFinal,
      language: message.language,
      languages: message.languages,
      redactedEntities: message.redactedEntities,
      heardUntil: (message.fromFinalize && this.#question?.upTo) || (this.#timeline.end ?? 0),
    };
    if (!this.#overlap || heard.text === '') return heard;
    const stripped = this.#overlap.strip(heard);
    const end = words.at(-1)?.end;
    if (message.isFinal && (end === undefined || !this.#overlap.covers(end))) {
      this.#overlap = undefined;
    }
    const repeated = stripped.text === '' && !stripped.endsTurn;
    return repeated ? undefined : stripped;
  }

  /** Up to where a final speaks for the audio, beyond its last word; takes it as the answer to what was asked. */
  confirmedBy(final: Transcript): number | undefined {
    if (final.fromFinalize !== undefined) this.#answersByName = true;
    if (final.isLast) return this.#timeline.end;
    const question = this.#question;
    const named = final.fromFinalize === true;
    const answer = question && (named || !this.#answersByName);
    if (answer) this.#question = undefined;
    if (answer && (named || final.text === '')) return question.upTo;
    const word = final.words.at(-1);
    if (word) return this.#timedWord(word).end;
    const utterance = final.utterances.at(-1);
    if (utterance) return this.#timeline.endToOwner(utterance.end);
    return final.text === '' ? undefined : this.#timeline.beforeEnd(DECODER_DELAY_MS);
  }

  wordsOf(message: Transcript): Word[] {
    return message.words.map((word) => this.#timedWord(word));
  }

  /** @param connectionMs of the beginning of something; where the server gave none, the end of what was sent. */
  ownerTime(connectionMs: number | undefined): number {
    return connectionMs === undefined
      ? (this.#timeline.end ?? 0)
      : this.#timeline.toOwner(connectionMs);
  }

  /** The same for the end of something. */
  ownerTimeOfEnd(connectionMs: number | undefined): number {
    return connectionMs === undefined
      ? (this.#timeline.end ?? 0)
      : this.#timeline.endToOwner(connectionMs);
  }

  forgetBefore(ownerTime: number): void {
    this.#timeline.forgetBefore(ownerTime);
  }

  /** What the server said before it closed tells more than the close. */
  remember(message: Extract<ServerMessage, { type: 'error' }>): void {
    this.#errorMessage = message;
  }

  explain(error: PulseError): PulseError {
    const said = this.#errorMessage;
    if (!said || error.code !== 'dropped') return error;
    return errorFromClose(error.status ?? 1006, said.message, {
      requestId: said.requestId,
      cause: error,
    });
  }

  /** @param all also what is too little to report while the connection lives. */
  takeUsage(all: boolean): PulseEvent[] {
    if (this.#usageMs < (all ? Number.MIN_VALUE : USAGE_EVERY_MS)) return [];
    const audioMs = this.#usageMs;
    this.#usageMs = 0;
    return [{ type: 'usage', audioMs }];
  }

  /** What comes first may be the answer to an earlier question: it speaks for no more than that one asked. */
  #ask(at: number): void {
    this.#question = { at, upTo: this.#question ? this.#question.upTo : this.#timeline.end };
  }

  #pace(): { frameMs: number; intervalMs: number } {
    const frameMs = (FRAME_BYTES / this.options.wireBytes / this.options.sampleRate) * 1000;
    return { frameMs, intervalMs: Math.min(100, Math.max(20, frameMs / CATCH_UP)) };
  }

  #timedWord({ text, start, end, confidence, speaker }: WireWord): Word {
    return {
      text,
      ...this.#timeline.wordToOwner({ start, end }),
      ...(confidence === undefined ? {} : { confidence }),
      ...(speaker === undefined ? {} : { speaker }),
    };
  }

  #timedUtterance({ text, start, end, speaker }: WireUtterance): Utterance {
    return {
      text,
      start: this.#timeline.toOwner(start),
      end: this.#timeline.endToOwner(end),
      ...(speaker === undefined ? {} : { speaker }),
    };
  }
}
