/**
 * What a Pulse stream tells its owner. All times are milliseconds on the clock of the owner: the one whose
 * readings it passes to `PulseStream.push` as `at`. Connections, their own clocks and the vendor's wire names
 * stay behind this line.
 */
export type PulseEvent =
  | SpeechStarted
  | InterimTranscript
  | FinalTranscript
  | SpeechEnded
  | AudioGap
  | ConnectionChanged
  | AudioUsage;

/** A turn begins. Always followed by exactly one `speech_ended`, also when the connection dies. */
export interface SpeechStarted {
  readonly type: 'speech_started';
  readonly at: number;
}

/** A turn is over: nothing more of it will come. */
export interface SpeechEnded {
  readonly type: 'speech_ended';
  readonly at: number;
}

export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** 0 to 1. */
  readonly confidence?: number;
  /** With diarization: the recogniser's own name of a voice on this track, such as `2`. */
  readonly speaker?: string;
}

/**
 * What is heard after the last final, and may still change. Each interim replaces the one before; an empty
 * text says that there is nothing unsettled any more.
 */
export interface InterimTranscript {
  readonly type: 'interim';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly words: readonly Word[];
  readonly repeated?: readonly Word[];
  readonly language?: string;
}

/** Text that will not change. It replaces the interims since the final before it. Not the end of a sentence or turn. */
export interface FinalTranscript {
  readonly type: 'final';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly words: readonly Word[];
  /**
   * Words before these that earlier finals have said already, as a new connection hears them again: it has names of
   * its own for the voices.
   */
  readonly repeated?: readonly Word[];
  readonly language?: string;
  /** All languages that were heard, where the recogniser detects them. */
  readonly languages?: readonly string[];
  /** Mean of the words' confidence, 0 to 1. */
  readonly confidence?: number;
  readonly speaker?: string;
  readonly utterances?: readonly Utterance[];
  readonly redactedEntities?: readonly string[];
  /** Its first letters belong to the last word of the final before it: join the two without a space. */
  readonly continuesWord: boolean;
  /** Nothing more of this turn will come; a `speech_ended` follows. */
  readonly endOfTurn: boolean;
}

export interface Utterance {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly speaker?: string;
}

/** Audio that could not be kept until it was recognised. What was said in it is missing from the captions. */
export interface AudioGap {
  readonly type: 'gap';
  readonly start: number;
  readonly end: number;
}

export type ConnectionState = 'idle' | 'connecting' | 'live' | 'waiting' | 'failed' | 'ended';

/** `error` is there when the change was not asked for; after `failed` nothing more is recognised. */
export interface ConnectionChanged {
  readonly type: 'connection';
  readonly state: ConnectionState;
  readonly error?: Error;
}

/** Milliseconds of audio that were sent since the last such event: what the vendor bills. */
export interface AudioUsage {
  readonly type: 'usage';
  readonly audioMs: number;
}
