/** What plugs in behind the server. All times are seconds from the first sample of the session. */
export interface Recogniser {
  /** For people: what listens. */
  readonly name: string;
  open(options: SessionOptions, events: RecogniserEvents): RecogniserSession;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Silence after which an utterance is over, in milliseconds. */
  readonly silenceMs: number;
  /** Finals every few words, not only at the end of an utterance. */
  readonly finalizeOnWords: boolean;
  /** Whether interims are wanted. Without, a file is recognised with half the work. */
  readonly interims: boolean;
}

export interface RecognisedWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** 0 to 1. Left out by recognisers that do not know. */
  readonly confidence?: number;
}

/**
 * Called in the order of the audio: an interim holds the words after the last final, and replaces the interim
 * before it. Nothing is called after the session's `close`.
 */
export interface RecogniserEvents {
  speechStarted(at: number): void;
  /** The silence was noticed. Finals of that speech may still come. */
  silence(at: number): void;
  /** All finals of that speech are out. Once for each `silence`, after it. */
  speechEnded(at: number): void;
  interim(words: readonly RecognisedWord[]): void;
  /** `endsUtterance`: the last words before a pause. */
  final(words: readonly RecognisedWord[], endsUtterance: boolean): void;
  /** The session is over: nothing else is called after it. */
  failed(error: unknown): void;
}

export interface RecogniserSession {
  /**
   * Takes 16 kHz mono samples, which belong to the session from then on. Returns a promise when it has more than
   * it can carry: do not push before it is resolved.
   */
  push(samples: Int16Array): Promise<void> | undefined;
  /**
   * Ends the utterance at what was pushed before the call. Resolves after all finals before it, with the words that
   * no final has yet. `last`: no audio will follow.
   */
  flush(last: boolean): Promise<readonly RecognisedWord[]>;
  /** Drops everything. May be called twice. */
  close(): void;
}

export const RECOGNISER_RATE = 16_000;
