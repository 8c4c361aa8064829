export interface TrackClockOptions {
  /** Samples a second of the frames that are stamped. */
  readonly sampleRate: number;
  /** How far, in milliseconds, the count of samples and the room's clock may be apart. */
  readonly toleranceMs?: number;
  /** How much audio, in milliseconds, has to come late without catching up before it counts as a gap. */
  readonly confirmMs?: number;
}

interface Lateness {
  /** Of the first late frame. */
  readonly first: number;
  readonly least: number;
  /** Milliseconds of audio since the first late frame. */
  readonly audio: number;
}

/**
 * Tells when, on the room's clock, the frames of one track were heard.
 *
 * Frames come in bursts, so their arrival is a poor clock and the count of their samples a good one: a frame
 * begins where the one before ended. The count fails in two ways, and arrival corrects it:
 * - Audio is missing. Frames are then late and stay as late as they are. After a stall of this process they are late
 *   too, but each less so than the one before, because those that waited come at once. So lateness counts only
 *   once it has held for `confirmMs` of audio; the count then moves forward by the least lateness that was seen.
 * - The first frame itself came late. Later ones then seem to come before they were spoken, which cannot be: the
 *   count stands still until they are no more than the tolerance ahead.
 *
 * Times never go backwards.
 */
export class TrackClock {
  readonly #msPerSample: number;
  readonly #tolerance: number;
  readonly #confirm: number;
  #next: number | undefined;
  #last = 0;
  #late: Lateness | undefined;

  constructor({ sampleRate, toleranceMs = 250, confirmMs = 200 }: TrackClockOptions) {
    this.#msPerSample = 1000 / sampleRate;
    this.#tolerance = toleranceMs;
    this.#confirm = confirmMs;
  }

  /**
   * Takes the next frame of the track.
   * @param samples how many it has, for one channel
   * @param arrivedAt the room clock's time now
   * @returns the room clock's time of its first sample, in milliseconds
   */
  stamp(samples: number, arrivedAt: number): number {
    const duration = samples * this.#msPerSample;
    // Of a frame that arrives the instant its last sample is spoken.
    const punctual = arrivedAt - duration;
    let start = this.#next ?? punctual;
    start += this.#missing(punctual - start, duration);
    start = Math.max(this.#last, Math.min(start, punctual + this.#tolerance));
    this.#last = start;
    this.#next = start + duration;
    return start;
  }

  /** Milliseconds of audio that are now known to be missing before this frame. */
  #missing(lateness: number, duration: number): number {
    if (lateness <= this.#tolerance) {
      this.#late = undefined;
      return 0;
    }
    const late = this.#late;
    const audio = late ? late.audio + duration : 0;
    // Catching up: what waited comes faster than it was spoken.
    if (!late || lateness < late.first - audio / 2) {
      this.#late = { first: lateness, least: lateness, audio: 0 };
      return 0;
    }
    const least = Math.min(late.least, lateness);
    if (audio < this.#confirm) {
      this.#late = { first: late.first, least, audio };
      return 0;
    }
    this.#late = undefined;
    return least;
  }
}
