import type { Caption } from './caption.js';
import { NO_TEXT, span, type TimedText } from './timed-text.js';

/** What the segments of one track share. */
export interface SegmentContext {
  readonly track: Caption['track'];
  /**
   * Asked for every state, so that a change of name is followed.
   * @param voice with diarization, the number of the voice on this track
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

  /** How much settled text readers have: it must stay in this segment. */
  get settledShown(): number {
    return this.#shown?.settled ?? 0;
  }

  /**
   * @param text the settled text, and behind it what may still change
   * @param language of text of which nothing is settled
   * @returns the state as it is now, unless it is the one that was shown last
   */
  change(text: TimedText, language?: string): Caption[] {
    const settled = this.settled.text.length;
    return this.#show(text, settled, false, settled === 0 ? language : undefined);
  }

  /** @returns the last state, with the settled text only; without text when nothing was settled */
  finish(): Caption[] {
    const { settled } = this;
    if (settled.text === '' && !this.#shown) return [];
    return this.#show(settled, settled.text.length, true);
  }

  #show(shown: TimedText, settled: number, final: boolean, language = this.language): Caption[] {
    const { text } = shown;
    const state = { text, settled, final, language, speaker: this.#speaker(shown) };
    if (this.#shown && same(this.#shown, state)) return [];
    this.#shown = state;
    this.#rev += 1;
    const times = span(shown);
    this.#start = Math.min(this.#start, times?.start ?? this.#start);
    const start = Math.round(this.#start);
    const end = Math.round(Math.max(times?.end ?? 0, this.#start));
    const { track, epoch } = this.#context;
    const caption = { id: this.#id, rev: this.#rev, ...state, track, start, end, epoch };
    return [final ? { ...caption, ...this.#words() } : caption];
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

  #speaker({ marks }: TimedText): Caption['speaker'] {
    return this.#context.speaker(marks.find(({ voice }) => voice)?.voice);
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
