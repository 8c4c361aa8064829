import type { CaptionUpdate } from './caption-update.js';

/** One caption as it stands. */
export type Segment = CaptionUpdate;

export interface Change {
  /** The newest state of the segment. */
  readonly segment: Segment;
  /** Where it is among all segments now; -1 when it turned out to be nothing and is gone. */
  readonly index: number;
  readonly added: boolean;
  /** It has just become final, which happens once to a segment. */
  readonly finalised: boolean;
  /** Ids of the oldest segments, which gave way. */
  readonly dropped: readonly string[];
}

/** An hour and more of a lively meeting. */
const DEFAULT_LIMIT = 1000;

/**
 * What a reader sees, merged from the captioner's outputs. One segment is one entry, whichever outputs carry it.
 *
 * - A state that is older than the one shown changes nothing, and no interim comes after a final.
 * - Once a data message has told of a segment, text streams say nothing new about it.
 * - A segment takes its place by the time at which it began, and stays there.
 */
export class CaptionStore {
  readonly #segments: Segment[] = [];
  readonly #byId = new Map<string, Segment>();
  /** Segments that are over and not shown, so that what comes late does not bring them back. */
  readonly #gone = new Set<string>();

  constructor(private readonly limit = DEFAULT_LIMIT) {}

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Returns what changed, or `undefined` when the update says nothing new. */
  apply(update: CaptionUpdate): Change | undefined {
    if (this.#gone.has(update.id)) return undefined;
    const known = this.#byId.get(update.id);
    if (known && !supersedes(update, known)) return undefined;
    if (update.final && update.text.trim() === '') return this.#remove(update, known);
    if (!known) return this.#insert(update);
    const segment = { ...update, at: update.at ?? known.at };
    const index = this.#segments.lastIndexOf(known);
    this.#segments[index] = segment;
    this.#byId.set(segment.id, segment);
    const finalised = segment.final && !known.final;
    return { segment, index, added: false, finalised, dropped: [] };
  }

  clear(): void {
    this.#segments.length = 0;
    this.#byId.clear();
    this.#gone.clear();
  }

  #insert(segment: Segment): Change | undefined {
    const place = this.#placeOf(segment);
    const excess = this.#segments.length + 1 - this.limit;
    // It is older than everything that is kept.
    if (place === 0 && excess > 0) {
      this.#forget(segment.id);
      return undefined;
    }
    this.#segments.splice(place, 0, segment);
    this.#byId.set(segment.id, segment);
    const dropped = excess > 0 ? this.#segments.splice(0, excess).map(({ id }) => id) : [];
    for (const id of dropped) this.#forget(id);
    const index = place - dropped.length;
    return { segment, index, added: true, finalised: segment.final, dropped };
  }

  #remove(segment: Segment, known: Segment | undefined): Change | undefined {
    this.#forget(segment.id);
    if (!known) return undefined;
    this.#segments.splice(this.#segments.lastIndexOf(known), 1);
    return { segment, index: -1, added: false, finalised: false, dropped: [] };
  }

  #forget(id: string): void {
    this.#byId.delete(id);
    this.#gone.add(id);
    const oldest = this.#gone.values().next();
    if (this.#gone.size > this.limit && !oldest.done) this.#gone.delete(oldest.value);
  }

  /** Behind everything that began before it, or at the same time, or at an unknown one. */
  #placeOf({ at }: Segment): number {
    if (at === undefined) return this.#segments.length;
    const before = this.#segments.findLastIndex((other) => (other.at ?? at) <= at);
    return before + 1;
  }
}

function supersedes(update: CaptionUpdate, known: Segment): boolean {
  if (known.final && !update.final) return false;
  if (update.via !== known.via) {
    return update.via === 'data' && (!known.revShared || update.rev >= known.rev);
  }
  return update.rev > known.rev;
}
