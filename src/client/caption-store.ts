import { type CaptionUpdate, settledUnits } from './caption-update.js';

/** One caption as it stands. */
export interface CaptionSegment extends CaptionUpdate {
  /**
   * When it began, in Unix milliseconds. Where only text streams or events tell of it, a guess from when it arrived,
   * until a message tells the room clock's zero.
   */
  readonly at: number;
  /** It was said while we were here. The others came as a backlog: not to be read aloud. */
  readonly news: boolean;
}

/** The room's clock in Unix time: a guess until it is told. */
interface Clock {
  epoch: number | undefined;
  told: boolean;
}

interface Entry {
  readonly segment: CaptionSegment;
  /** By which `at` was reckoned. */
  readonly clock: Clock;
}

/** An hour and more of a lively meeting. */
const DEFAULT_LIMIT = 1000;
/** How long a final may have been over before we came and still be new to us. */
const NEWS_MS = 1000;
/** While the clock is a guess, finals that come so soon after us, with no interim before them, are the backlog. */
const BACKLOG_MS = 5000;
/** A better guess of the clock moves what is shown only if it is better by that much. */
const GUESS_STEP_MS = 500;

const RANK = { event: 0, stream: 1, data: 2 } as const;

/**
 * What a reader sees, merged from the captioner's outputs, whichever of them come, in any order. Pure.
 *
 * - One segment is one entry. The highest revision wins; no interim comes after a final.
 * - The same revision by a message that says more adds what it says.
 * - What counts no revisions says nothing about a segment of which something has told that does.
 * - A final without text takes the segment away, for good.
 * - Segments stand in the order in which they began.
 */
export class CaptionStore {
  #entries: Entry[] = [];
  /** Segments that are over and not shown, so that what comes late does not bring them back. */
  readonly #gone = new Set<string>();
  #segments: readonly CaptionSegment[] | undefined;
  #clock: Clock = { epoch: undefined, told: false };

  constructor(
    private readonly limit = DEFAULT_LIMIT,
    /** Unix milliseconds from which on we are here. */
    public since = 0,
  ) {}

  /** The same array until something changes. */
  get segments(): readonly CaptionSegment[] {
    return (this.#segments ??= this.#entries.map(({ segment }) => segment));
  }

  /**
   * @param received Unix milliseconds
   * @returns whether something changed
   */
  apply(update: CaptionUpdate, received: number): boolean {
    if (this.#gone.has(update.id)) return false;
    const index = this.#entries.findLastIndex(({ segment }) => segment.id === update.id);
    const known = this.#entries[index];
    if (known && !supersedes(update, known.segment)) return false;
    if (update.final && update.text.trim() === '') {
      this.#forget(update.id);
      if (known) this.#entries.splice(index, 1);
      return this.#changed(known !== undefined);
    }
    const moved = this.#tellTime(update, received);
    const now = this.#entries[index];
    if (now) this.#entries[index] = this.#merge(now, update);
    else this.#entries.push(this.#newEntry(update, received));
    return this.#changed(this.#tidy(update.id) || moved);
  }

  /** Another captioner is at work, whose clock may be another. */
  restartClock(): void {
    this.#clock = { epoch: undefined, told: false };
  }

  clear(): void {
    this.#entries = [];
    this.#gone.clear();
    this.restartClock();
    this.#changed(true);
  }

  #newEntry(update: CaptionUpdate, received: number): Entry {
    const { start } = update;
    const { epoch } = this.#clock;
    const timed = epoch !== undefined && start !== undefined;
    const at = timed ? epoch + start : received;
    return { segment: { ...update, at, news: this.#isNews(update, received) }, clock: this.#clock };
  }

  #isNews({ start, end, final }: CaptionUpdate, received: number): boolean {
    // Only our captioner sends a backlog, and says when each began.
    if (!final || start === undefined) return true;
    const { epoch, told } = this.#clock;
    if (!told || epoch === undefined) return received >= this.since + BACKLOG_MS;
    return epoch + (end ?? start) >= this.since - NEWS_MS;
  }

  #merge({ segment: known, clock }: Entry, update: CaptionUpdate): Entry {
    const sameSpeaker = update.speaker.identity === known.speaker.identity;
    const start = (sameSpeaker ? known.start : undefined) ?? update.start;
    const { epoch } = this.#clock;
    const timed = epoch !== undefined && start !== undefined && update.epoch !== undefined;
    const segment: CaptionSegment = {
      ...update,
      settled: settledOf(update, known),
      language: update.language ?? known.language,
      // Streams carry no more than its label, events not even that.
      speaker: RANK[update.via] >= RANK[known.via] || !sameSpeaker ? update.speaker : known.speaker,
      start,
      end: update.end ?? known.end,
      epoch: update.epoch ?? known.epoch,
      at: timed ? epoch + start : known.at,
      news: known.news,
    };
    return { segment, clock: timed ? this.#clock : clock };
  }

  /** Learns what an update tells of the room's clock. @returns whether that moved what was placed by a guess */
  #tellTime({ start, end, epoch }: CaptionUpdate, received: number): boolean {
    const clock = this.#clock;
    if (epoch !== undefined) {
      if (clock.told && clock.epoch !== epoch) this.#clock = { epoch, told: true };
      else if (!clock.told) return this.#setEpoch(epoch, true);
    } else if (!clock.told && start !== undefined) {
      // Nothing arrives before it has been said.
      const guess = received - (end ?? start);
      if (guess < (clock.epoch ?? Infinity) - GUESS_STEP_MS) return this.#setEpoch(guess, false);
    }
    return false;
  }

  #setEpoch(epoch: number, told: boolean): boolean {
    const clock = this.#clock;
    Object.assign(clock, { epoch, told });
    this.#entries = this.#entries.map((entry) => {
      const { segment } = entry;
      if (entry.clock !== clock || segment.start === undefined) return entry;
      const news = segment.news || (told && this.#isNews(segment, 0));
      return { segment: { ...segment, at: epoch + segment.start, news }, clock };
    });
    return this.#entries.length > 0;
  }

  /** In order, and within bounds. @returns whether the segment of that id is still there */
  #tidy(id: string): boolean {
    this.#entries.sort((one, other) => one.segment.at - other.segment.at);
    const excess = Math.max(0, this.#entries.length - this.limit);
    const dropped = this.#entries.splice(0, excess).map(({ segment }) => segment.id);
    for (const one of dropped) this.#forget(one);
    return dropped.length !== 1 || dropped[0] !== id;
  }

  #forget(id: string): void {
    this.#gone.add(id);
    const oldest = this.#gone.values().next();
    if (this.#gone.size > this.limit && !oldest.done) this.#gone.delete(oldest.value);
  }

  #changed(changed: boolean): boolean {
    if (changed) this.#segments = undefined;
    return changed;
  }
}

function supersedes(update: CaptionUpdate, known: CaptionUpdate): boolean {
  const speakers = [update.speaker.identity, known.speaker.identity];
  // Only data messages are known to come from a captioner: nobody else speaks in another's caption.
  if (speakers[0] !== speakers[1] && !speakers.includes('')) {
    return update.via === 'data' && (known.via !== 'data' || update.rev > known.rev);
  }
  if (known.final && !update.final) return false;
  const sayingMore = RANK[update.via] > RANK[known.via];
  if (update.revShared !== known.revShared) return update.revShared;
  if (!update.revShared && update.via !== known.via) return sayingMore;
  return update.rev > known.rev || (update.rev === known.rev && sayingMore);
}

/** What was settled stays so, also where the newer state does not say. */
function settledOf(update: CaptionUpdate, known: CaptionUpdate): number {
  const before = known.text.slice(0, known.settled);
  const kept = update.text.startsWith(before) ? known.settled : 0;
  return settledUnits(Math.max(update.settled, kept), update.text, update.final);
}
