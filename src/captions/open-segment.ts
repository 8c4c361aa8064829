import type { InterimTranscript } from '../pulse/events.js';
import type { Caption } from './caption.js';
import { NO_TEXT, span, type TimedText } from './timed-text.js';
import { joint } from './writing.js';

/** What the segments of one track share. */
export interface SegmentContext {
  readonly track: Caption['track'];
  /**
   * Asked for every state, so that a change of name is followed.
   * @param voice with diarization, the recogniser's own name of the voice
   */
  readonly speaker: (voice?: string) => Caption['speaker'];
  /** Unix milliseconds of the room clock's zero. */
  readonly epoch: number;
  /** Gives an id that is unique in the room. */
  readonly newId: () => string;
}

type State = Pick<Caption, 'text' | 'settled' | 'final' | 'language' | 'speaker'>;

/** A segment that still changes, and what was shown of it. */
export class OpenSegment {
  settled: TimedText = NO_TEXT;
  /** What comes after the settled text and may still change; never without text. */
  interim: InterimTranscript | undefined;
  /** Nothing more of this turn was to come when the interim was still open. */
  turnOver = false;

  readonly #context: SegmentContext;
  readonly #id: string;
  #rev = -1;
  #start: number;
  #shown: State | undefined;

  constructor(
    context: SegmentContext,
    start: number,
    public language: string,
  ) {
    this.#context = context;
    this.#id = context.newId();
    this.#start = start;
  }

  get isEmpty(): boolean {
    return this.settled.text === '' && this.interim === undefined;
  }

  /** How much settled text readers have: it must stay in this segment. */
  get settledShown(): number {
    return this.#shown?.settled ?? 0;
  }

  /** @returns the state as it is now, unless it is the one that was shown last */
  change(): Caption[] {
    const settled = this.settled.text;
    const interim = this.interim?.text ?? '';
    return this.#show({
      text: settled + joint(settled, interim) + interim,
      settled: settled.length,
      final: false,
      language: (settled === '' ? this.interim?.language : undefined) ?? this.language,
      speaker: this.#speaker(),
    });
  }

  /** @returns the last state, with the settled text only; without text when nothing was settled */
  finish(): Caption[] {
    this.interim = undefined;
    const { text } = this.settled;
    if (text === '' && !this.#shown) return [];
    return this.#show({
      text,
      settled: text.length,
      final: true,
      language: this.language,
      speaker: this.#speaker(),
    });
  }

  #show(state: State): Caption[] {
    if (this.#shown && same(this.#shown, state)) return [];
    this.#shown = state;
    this.#rev += 1;
    const times = span(this.settled);
    this.#start = Math.min(
      this.#start,
      times?.start ?? this.#start,
      this.interim?.start ?? this.#start,
    );
    const start = Math.round(this.#start);
    const end = Math.round(Math.max(times?.end ?? 0, this.interim?.end ?? 0, this.#start));
    const { track, epoch } = this.#context;
    const caption = { id: this.#id, rev: this.#rev, ...state, track, start, end, epoch };
    return [state.final ? { ...caption, ...this.#words() } : caption];
  }

  #words(): Pick<Caption, 'words'> {
    const words = this.settled.marks.flatMap(({ word }) => (word ? [word] : []));
    if (words.length === 0) return {};
    return {
      words: words.map((word) => ({
        ...word,
        start: Math.round(word.start),
        end: Math.round(word.end),
      })),
    };
  }

  #speaker(): Caption['speaker'] {
    return this.#context.speaker(this.settled.marks.find(({ voice }) => voice)?.voice);
  }
}

function same(one: State, other: State): boolean {
  return (
    one.text === other.text &&
    one.settled === other.settled &&
    one.final === other.final &&
    one.language === other.language &&
    one.speaker.identity === other.speaker.identity &&
    one.speaker.name === other.speaker.name &&
    one.speaker.label === other.speaker.label
  );
}
