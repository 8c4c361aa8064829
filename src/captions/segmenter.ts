import type { FinalTranscript, InterimTranscript, PulseEvent } from '../pulse/events.js';
import type { Caption } from './caption.js';
import { findCut } from './cuts.js';
import { OpenSegment, type SegmentContext } from './open-segment.js';
import { append, NO_TEXT, span, split, timedText, type TimedText } from './timed-text.js';
import { Unsettled } from './unsettled.js';
import { Voices } from './voices.js';
import { isPunctuation, oneLine, withoutLeadingStops } from './writing.js';

export interface SegmenterOptions extends SegmentContext {
  /** For text of which the recogniser does not say the language. */
  readonly defaultLanguage: string;
  /** Silence between two words, in milliseconds, that ends a segment. Default 800. */
  readonly pauseMs?: number;
  /** Latin characters after which a segment is cut. Default 168, which is two lines of 42 twice over. */
  readonly maxLength?: number;
}

/** When the unsettled text was said, and by whom. */
type Reading = Omit<InterimTranscript, 'type'>;

/**
 * Makes captions of what is recognised on one track. The recogniser settles its text every few words; what people
 * read is a segment, which grows from the first unsettled word to the end of a sentence, a pause, a change of voice or
 * of turn, or, in a long monologue, of a clause. A settled piece that goes over such an end is parted there, by
 * its words, and so is unsettled text: what comes behind the end of a sentence is shown in the next segment at once.
 *
 * What a reader can rely on: text that was settled stays as it is; after the final state of an id nothing follows
 * for it; finals come in the order of what was said; each state differs from the one before in more than its times. A
 * segment of which all text is withdrawn before any of it is settled ends in a final state **without text**: whoever shows
 * captions takes it away. How unsettled text is kept from flickering is in `Unsettled`.
 *
 * Times come in with the events; there are no timers here.
 */
export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #rules: { readonly pauseMs: number; readonly maxLength: number };
  /** The first takes what is settled; those behind it hold unsettled text beyond its end. */
  #open: OpenSegment[] = [];
  readonly #unsettled = new Unsettled();
  readonly #voices = new Voices();
  #reading: Reading | undefined;
  /** No final has come since the reading: it is what the recogniser holds to be said. */
  #current = false;
  /** Nothing more of this turn was to come when there still was something unsettled. */
  #turnOver = false;
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
        return this.#onInterim(this.#voices.interim(event));
      case 'final':
        return this.#onFinal(this.#voices.final(event));
      case 'speech_started':
        return !this.#current && this.#paused(event.at) ? this.#close() : [];
      case 'speech_ended':
        return this.#onTurnEnd();
      case 'connection':
        if (event.state === 'connecting') this.#voices.newConnection();
        return [];
      case 'gap':
      case 'usage':
        return [];
    }
  }

  /** What is open, again, where the speaker's name or label is another one now. */
  refresh(): Caption[] {
    return this.#layOut();
  }

  /** Settles what is open, also an interim that never got its final: nothing that was read gets lost. */
  end(): Caption[] {
    const reading = this.#current ? this.#reading : undefined;
    this.#forget();
    const states = reading
      ? this.#settle(timedText(reading.text, reading), false, reading.language)
      : [];
    return [...states, ...this.#close()];
  }

  #onInterim(event: InterimTranscript): Caption[] {
    const text = oneLine(event.text);
    const states = text === '' ? [] : this.#leaveOrphan(event.start);
    if (text !== '' && this.#paused(event.start)) {
      // What was only kept from before the pause is not in this reading.
      if (!this.#current) this.#forget();
      states.push(...this.#closeFirst());
    }
    // A stop without a sentence before it is nothing to show.
    if (text === '' || (this.#open.length === 0 && isPunctuation(text))) {
      this.#forget();
    } else {
      this.#unsettled.read(text);
      this.#reading = { ...event, text };
      this.#current = true;
    }
    if (this.#turnOver && !this.#current) return [...states, ...this.#close()];
    return [...states, ...this.#layOut()];
  }

  #onFinal(event: FinalTranscript): Caption[] {
    const { continuesWord, language } = event;
    const text = oneLine(event.text);
    const states = text === '' || continuesWord ? [] : this.#leaveOrphan(event.start);
    this.#language = language ?? this.#language;
    const turnOver = event.endOfTurn || this.#turnOver;
    if (turnOver || text === '') this.#forget();
    else this.#keepBeyond(text, event.end);
    states.push(...this.#settle(timedText(text, event), continuesWord, language));
    return [...states, ...(turnOver ? this.#close() : this.#layOut())];
  }

  #onTurnEnd(): Caption[] {
    // What is unsettled may still come again from a new connection: it waits for the next text, or the end.
    this.#turnOver = this.#current;
    return this.#current ? [] : this.#close();
  }

  /** Adds to the open segment and ends as many as the text now has ends for. */
  #settle(piece: TimedText, glued: boolean, language: string | undefined): Caption[] {
    const fresh = (this.#open[0]?.settled.text ?? '') === '';
    const added = fresh ? withoutLead(piece) : piece;
    // A stop that comes after its sentence was closed: final text is not changed any more.
    if (added.text === '' || (fresh && isPunctuation(added.text))) return [];
    const states: Caption[] = [];
    let open = this.#first(added);
    open.settled = append(open.settled, added, glued);
    open.language = language ?? open.language;
    for (;;) {
      const cut = findCut(open.settled, open.settledShown, this.#rules);
      if (cut === undefined) return states;
      const [head, tail] = split(open.settled, cut);
      open.settled = head;
      states.push(...this.#closeFirst());
      if (tail.text === '') return states;
      open = this.#first(tail);
      open.settled = tail;
      open.language = language ?? open.language;
    }
  }

  /** Shows what is settled and unsettled in as many segments as it takes, and withdraws the others. */
  #layOut(): Caption[] {
    const parts = this.#parts();
    const states = parts.flatMap((part, index) => {
      const segment = (this.#open[index] ??= this.#begin(part));
      return segment.change(part, this.#reading?.language);
    });
    const withdrawn = this.#open.splice(parts.length).flatMap((segment) => segment.finish());
    return [...states, ...withdrawn];
  }

  /** What each of the open segments has to show. */
  #parts(): TimedText[] {
    const settled = this.#open[0]?.settled ?? NO_TEXT;
    const shown = this.#unsettled.shown;
    let rest = append(settled, this.#timed(shown), false);
    if (rest.text === '') return [];
    const parts: TimedText[] = [];
    for (let from = settled.text.length; shown !== ''; from = 0) {
      const cut = findCut(rest, from, this.#rules);
      if (cut === undefined || cut >= rest.text.length) break;
      const [head, tail] = split(rest, cut);
      parts.push(head);
      rest = tail;
    }
    return [...parts, rest];
  }

  /** The words of a reading tell of another text than the one that is shown when that one still waits. */
  #timed(shown: string): TimedText {
    const reading = this.#reading;
    if (!reading || shown === '') return NO_TEXT;
    const words = reading.text.startsWith(shown) ? reading.words : [];
    return timedText(shown, { ...reading, words });
  }

  /** A final speaks for the beginning of the reading; the rest is shown until the next reading comes. */
  #keepBeyond(text: string, end: number): void {
    this.#unsettled.settle(text);
    this.#current = false;
    const reading = this.#reading;
    if (!reading) return;
    const words = reading.words.filter((word) => (word.start + word.end) / 2 > end);
    const start = Math.max(reading.start, end);
    const rest = words.map((word) => word.text).join(' ');
    this.#reading = { ...reading, text: rest, words, start, end: Math.max(reading.end, start) };
  }

  /** Nothing is unsettled any more. */
  #forget(): void {
    this.#unsettled.clear();
    this.#reading = undefined;
    this.#current = false;
  }

  /** An interim whose turn is over and that is not what is being said now will not get its final any more. */
  #leaveOrphan(start: number): Caption[] {
    const reading = this.#current && this.#turnOver ? this.#reading : undefined;
    return reading && start >= reading.end ? this.end() : [];
  }

  #close(): Caption[] {
    this.#forget();
    this.#turnOver = false;
    return this.#open.splice(0).flatMap((segment) => segment.finish());
  }

  #closeFirst(): Caption[] {
    return this.#open.shift()?.finish() ?? [];
  }

  #paused(at: number): boolean {
    const settled = this.#open[0] && span(this.#open[0].settled);
    return settled !== undefined && at - settled.end > this.#rules.pauseMs;
  }

  #first(text: TimedText): OpenSegment {
    const first = this.#open[0] ?? this.#begin(text);
    this.#open[0] = first;
    return first;
  }

  #begin(text: TimedText): OpenSegment {
    return new OpenSegment(this.#options, span(text)?.start ?? 0, this.#language);
  }
}

function withoutLead(piece: TimedText): TimedText {
  const lead = piece.text.length - withoutLeadingStops(piece.text).length;
  return lead === 0 ? piece : split(piece, lead)[1];
}
