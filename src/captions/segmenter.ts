import type { FinalTranscript, InterimTranscript, PulseEvent } from '../pulse/events.js';
import type { Caption } from './caption.js';
import { findCut } from './cuts.js';
import { OpenSegment, type SegmentContext } from './open-segment.js';
import { append, span, split, timedText, type TimedText } from './timed-text.js';
import { isPunctuation, oneLine, withoutLeadingStops } from './writing.js';

export interface SegmenterOptions extends SegmentContext {
  /** For text of which the recogniser does not say the language. */
  readonly defaultLanguage: string;
  /** Silence between two words, in milliseconds, that ends a segment. Default 800. */
  readonly pauseMs?: number;
  /** Latin characters after which a segment is cut. Default 168, which is two lines of 42 twice over. */
  readonly maxLength?: number;
}

/**
 * Makes captions of what is recognised on one track. The recogniser settles its text every few words; what people
 * read is a segment, which grows from the first unsettled word to the end of a sentence, a pause, a change of voice or
 * of turn, or, in a long monologue, of a clause. A settled piece that goes over such an end is parted there, by
 * its words.
 *
 * What a reader can rely on: text that was settled stays as it is; after the final state of an id nothing follows
 * for it; each state differs from the one before in more than its times. A segment of which all text is withdrawn before
 * any of it is settled ends in a final state **without text**: whoever shows captions takes it away.
 *
 * Times come in with the events; there are no timers here.
 */
export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #rules: { readonly pauseMs: number; readonly maxLength: number };
  #open: OpenSegment | undefined;
  #language: string;

  constructor(options: SegmenterOptions) {
    const { pauseMs = 800, maxLength = 168, defaultLanguage } = options;
    this.#options = options;
    this.#rules = { pauseMs, maxLength };
    this.#language = defaultLanguage;
  }

  /** @returns the states to publish, in this order */
  on(event: PulseEvent): Caption[] {
    switch (event.type) {
      case 'interim':
        return this.#onInterim(event);
      case 'final':
        return this.#onFinal(event);
      case 'speech_started':
        return !this.#open?.interim && this.#paused(event.at) ? this.#close() : [];
      case 'speech_ended':
        return this.#onTurnEnd();
      case 'gap':
      case 'connection':
      case 'usage':
        return [];
    }
  }

  /** Settles what is open, also an interim that never got its final: nothing that was read gets lost. */
  end(): Caption[] {
    return [...this.#settleInterim(), ...this.#close()];
  }

  #onInterim(event: InterimTranscript): Caption[] {
    const text = oneLine(event.text);
    const states = text === '' ? [] : this.#leaveOrphan(event.start);
    if (text !== '' && this.#paused(event.start)) states.push(...this.#close());
    // A stop without a sentence before it is nothing to show.
    if (!this.#open && (text === '' || isPunctuation(text))) return states;
    const open = (this.#open ??= this.#begin(event.start));
    open.interim = text === '' ? undefined : { ...event, text };
    if (open.isEmpty || (open.turnOver && !open.interim)) return [...states, ...this.#close()];
    return [...states, ...open.change()];
  }

  #onFinal(event: FinalTranscript): Caption[] {
    const { continuesWord } = event;
    const text = oneLine(event.text);
    const states = text === '' || continuesWord ? [] : this.#leaveOrphan(event.start);
    if (event.language !== undefined) this.#language = event.language;
    const turnOver = event.endOfTurn || (this.#open?.turnOver ?? false);
    if (this.#open) this.#open.interim = undefined;
    states.push(...this.#settle(timedText(text, event), continuesWord, event.language));
    const open = this.#open;
    if (!open) return states;
    if (turnOver || open.isEmpty) return [...states, ...this.#close()];
    return [...states, ...open.change()];
  }

  #onTurnEnd(): Caption[] {
    if (!this.#open?.interim) return this.#close();
    // What is unsettled may still come again from a new connection: it waits for the next text, or the end.
    this.#open.turnOver = true;
    return [];
  }

  /** Adds to the open segment and ends as many as the text now has ends for. */
  #settle(piece: TimedText, glued: boolean, language: string | undefined): Caption[] {
    const fresh = this.#open === undefined || this.#open.settled.text === '';
    const added = fresh ? withoutLead(piece) : piece;
    // A stop that comes after its sentence was closed: final text is not changed any more.
    if (added.text === '' || (fresh && isPunctuation(added.text))) return [];
    const states: Caption[] = [];
    let open = (this.#open ??= this.#begin(span(added)?.start ?? 0));
    open.settled = append(open.settled, added, glued);
    open.language = language ?? open.language;
    for (;;) {
      const cut = findCut(open.settled, open.settledShown, this.#rules);
      if (cut === undefined) return states;
      const [head, tail] = split(open.settled, cut);
      open.settled = head;
      states.push(...this.#close());
      if (tail.text === '') return states;
      open = this.#open = this.#begin(span(tail)?.start ?? 0);
      open.settled = tail;
      open.language = language ?? open.language;
    }
  }

  /** An interim whose turn is over and that is not what is being said now will not get its final any more. */
  #leaveOrphan(start: number): Caption[] {
    const open = this.#open;
    if (!open?.turnOver || !open.interim || start < open.interim.end) return [];
    return this.end();
  }

  #settleInterim(): Caption[] {
    const open = this.#open;
    const interim = open?.interim;
    if (!open || !interim) return [];
    open.interim = undefined;
    return this.#settle(timedText(interim.text, interim), false, interim.language);
  }

  #close(): Caption[] {
    const states = this.#open?.finish() ?? [];
    this.#open = undefined;
    return states;
  }

  #paused(at: number): boolean {
    const settled = this.#open && span(this.#open.settled);
    return settled !== undefined && at - settled.end > this.#rules.pauseMs;
  }

  #begin(start: number): OpenSegment {
    return new OpenSegment(this.#options, start, this.#language);
  }
}

function withoutLead(piece: TimedText): TimedText {
  const lead = piece.text.length - withoutLeadingStops(piece.text).length;
  return lead === 0 ? piece : split(piece, lead)[1];
}
