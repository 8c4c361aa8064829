import type { FinalTranscript, PulseEvent, Utterance, Word } from './events.js';

/** A transcript of the server with its times on the owner's clock. */
export interface HeardTranscript {
  readonly text: string;
  readonly words: readonly Word[];
  /** Before these: what a replay says again. */
  readonly repeated?: readonly Word[];
  readonly utterances: readonly Utterance[];
  readonly isFinal: boolean;
  /** The server says that nothing more of this turn will come. */
  readonly endsTurn: boolean;
  readonly language: string | undefined;
  readonly languages: readonly string[];
  readonly redactedEntities: readonly string[];
  /** Where the text ends when neither words nor utterances say: the end of the audio that was sent. */
  readonly heardUntil: number;
}

export interface TurnOptions {
  /** Without VAD events each final is the end of a turn. */
  readonly vadEvents: boolean;
  /** Holds interims back: they may show what finals redact. */
  readonly finalsOnly: boolean;
}

/** A turn whose end the server never tells is over when nothing more of it has come for this long. */
const QUIET_MS = 2000;

/**
 * Turns of one track, from what the server says on one connection after the other.
 *
 *     closed ──speech_started, or text──▶ open ──a final that ends the turn──▶ closed
 *                                          │
 *                                          └─speech_ended─▶ ending ──the final of what is unsettled──▶ closed
 *
 * `speech_ended` is acoustic and may come before the last final: the turn then waits for it. A connection that dies
 * takes its `speech_ended` with it, and quiet speech brings text that was never announced: such a turn closes when
 * it has been quiet for a while. So START and END are always paired.
 */
export class Turns {
  #state: 'closed' | 'open' | 'ending' = 'closed';
  /** The server's voice detector is in speech, on this connection. */
  #voice = false;
  #unsettled = false;
  #lastEnd = 0;
  #quietSince = 0;
  #finalsOnly: boolean;

  constructor(private readonly options: TurnOptions) {
    this.#finalsOnly = options.finalsOnly;
  }

  get open(): boolean {
    return this.#state !== 'closed';
  }

  /** Whether there is text that no final has settled. */
  get unsettled(): boolean {
    return this.#unsettled;
  }

  /** Whether a new connection would cut into something. */
  get quiet(): boolean {
    return this.#state === 'closed' && !this.#unsettled && !this.#voice;
  }

  speechStarted(at: number, now: number): PulseEvent[] {
    this.#voice = true;
    this.#quietSince = now;
    if (this.#state === 'ending') this.#state = 'open';
    return this.#openAt(at);
  }

  speechEnded(at: number, now: number): PulseEvent[] {
    this.#voice = false;
    this.#quietSince = now;
    if (this.#state === 'closed') return [];
    this.#lastEnd = Math.max(at, this.#lastEnd);
    if (this.#unsettled) {
      this.#state = 'ending';
      return [];
    }
    return this.#close();
  }

  transcript(heard: HeardTranscript, now: number): PulseEvent[] {
    this.#quietSince = now;
    return heard.isFinal ? this.#final(heard) : this.#interim(heard);
  }

  /** The connection is gone. What is open stays open: a replay will bring the rest of it. */
  disconnected(now: number): void {
    this.#voice = false;
    this.#quietSince = now;
  }

  /** When `tick` has something to do if nothing else comes; undefined when never. */
  get deadline(): number | undefined {
    return this.open && !this.#voice && !this.#unsettled ? this.#quietSince + QUIET_MS : undefined;
  }

  tick(now: number): PulseEvent[] {
    return this.deadline !== undefined && now >= this.deadline ? this.#close() : [];
  }

  /** The server was asked for a final. Without more audio its voice detector cannot notice the end of speech. */
  paused(now: number): void {
    this.#voice = false;
    this.#quietSince = now;
  }

  /** There is still something to come before the turn may count as quiet: a replay under way. */
  postpone(now: number): void {
    this.#quietSince = now;
  }

  /** Whether interims are held back from here on; what is shown of them is withdrawn. */
  holdInterims(held: boolean): PulseEvent[] {
    const shown = this.#unsettled && !this.#finalsOnly;
    this.#finalsOnly = held;
    return held && shown ? [nothingUnsettled(this.#lastEnd)] : [];
  }

  /** Nothing more will come at all. What is unsettled is not withdrawn: it is the best that there is. */
  end(): PulseEvent[] {
    this.#voice = false;
    this.#unsettled = false;
    return this.#close();
  }

  #interim(heard: HeardTranscript): PulseEvent[] {
    if (heard.text === '') return this.#clearUnsettled();
    const { start, end } = this.#span(heard);
    const opening = this.#openAt(start);
    this.#unsettled = true;
    if (this.#finalsOnly) return opening;
    const { text, words, language } = heard;
    return [
      ...opening,
      {
        type: 'interim',
        text,
        start,
        end,
        words,
        ...repeated(heard),
        ...(language === undefined ? {} : { language }),
      },
    ];
  }

  #final(heard: HeardTranscript): PulseEvent[] {
    const endsTurn = heard.endsTurn || !this.options.vadEvents || this.#state === 'ending';
    if (heard.text === '') {
      return [...this.#clearUnsettled(), ...(endsTurn ? this.#close() : [])];
    }
    const { start, end } = this.#span(heard);
    const opening = this.#openAt(start);
    this.#unsettled = false;
    this.#lastEnd = Math.max(end, this.#lastEnd);
    const final: FinalTranscript = {
      type: 'final',
      text: heard.text,
      start,
      end,
      words: heard.words,
      ...repeated(heard),
      ...optional(heard),
      continuesWord: opening.length === 0 && continues(heard.text),
      endOfTurn: endsTurn,
    };
    return [...opening, final, ...(endsTurn ? this.#close() : [])];
  }

  #openAt(at: number): PulseEvent[] {
    if (this.#state !== 'closed') return [];
    this.#state = 'open';
    this.#lastEnd = at;
    return [{ type: 'speech_started', at }];
  }

  #close(): PulseEvent[] {
    if (this.#state === 'closed') return [];
    this.#state = 'closed';
    return [{ type: 'speech_ended', at: this.#lastEnd }];
  }

  #clearUnsettled(): PulseEvent[] {
    if (!this.#unsettled) return [];
    this.#unsettled = false;
    if (this.#finalsOnly) return [];
    return [nothingUnsettled(this.#lastEnd)];
  }

  #span(heard: HeardTranscript): { start: number; end: number } {
    const parts = heard.words.length > 0 ? heard.words : heard.utterances;
    const end = parts.at(-1)?.end ?? heard.heardUntil;
    const start = parts[0]?.start ?? (this.open ? Math.min(this.#lastEnd, end) : end);
    return { start, end: Math.max(start, end) };
  }
}

function nothingUnsettled(at: number): PulseEvent {
  return { type: 'interim', text: '', start: at, end: at, words: [] };
}

/** Text that begins inside a word, or with punctuation: it belongs to what went before, without a space. */
function continues(text: string): boolean {
  return /^(?:[-‐‑]\p{L}|['’](?:s|t|d|m|re|ve|ll)\b|[.,;:!?…।。、！？؟])/iu.test(text);
}

function repeated({ repeated = [] }: HeardTranscript): Pick<FinalTranscript, 'repeated'> {
  return repeated.length === 0 ? {} : { repeated };
}

function optional(
  heard: HeardTranscript,
): Pick<
  FinalTranscript,
  'language' | 'languages' | 'confidence' | 'speaker' | 'utterances' | 'redactedEntities'
> {
  const confidences = heard.words.flatMap((word) => word.confidence ?? []);
  const speakers = new Set(heard.words.flatMap((word) => word.speaker ?? []));
  const [speaker] = speakers;
  return {
    ...(heard.language === undefined ? {} : { language: heard.language }),
    ...(heard.languages.length === 0 ? {} : { languages: heard.languages }),
    ...(confidences.length === 0
      ? {}
      : { confidence: confidences.reduce((sum, value) => sum + value, 0) / confidences.length }),
    ...(speakers.size === 1 && speaker !== undefined ? { speaker } : {}),
    ...(heard.utterances.length === 0 ? {} : { utterances: heard.utterances }),
    ...(heard.redactedEntities.length === 0 ? {} : { redactedEntities: heard.redactedEntities }),
  };
}
