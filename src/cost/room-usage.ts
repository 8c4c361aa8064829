import type { PulseEvent } from '../pulse/events.js';
import { type RoomUsageSummary, type Usage, usageOf } from './usage.js';

interface Count {
  audioMs: number;
  speechMs: number;
}

/** What the captions of one room cost, by track and by language, while it lasts. */
export class RoomUsage {
  readonly #ratePerHour: number;
  readonly #onAudio: (audioMs: number) => void;
  readonly #tracks = new Map<string, Count>();
  readonly #languages = new Map<string, Count>();
  readonly #total: Count = { audioMs: 0, speechMs: 0 };

  /**
   * @param ratePerHour what an hour of audio costs
   * @param onAudio called with what was sent since the last time
   */
  constructor(ratePerHour: number, onAudio: (audioMs: number) => void = () => undefined) {
    this.#ratePerHour = ratePerHour;
    this.#onAudio = onAudio;
  }

  /** Milliseconds of audio that were sent so far. */
  get audioMs(): number {
    return this.#total.audioMs;
  }

  /**
   * @param assumed the language until the recogniser says which one it hears
   * @returns what is to be told everything that the recogniser of this track says
   */
  track(sid: string, assumed: () => string): (event: PulseEvent) => void {
    const track = this.#tracks.get(sid) ?? { audioMs: 0, speechMs: 0 };
    this.#tracks.set(sid, track);
    let heard: string | undefined;
    let turnBegan: number | undefined;
    return (event) => {
      const counts = () => [this.#total, track, this.#language(heard ?? assumed())];
      switch (event.type) {
        case 'usage':
          for (const count of counts()) count.audioMs += event.audioMs;
          this.#onAudio(event.audioMs);
          return;
        case 'speech_started':
          turnBegan = event.at;
          return;
        case 'speech_ended':
          for (const count of counts()) {
            count.speechMs += Math.max(0, event.at - (turnBegan ?? event.at));
          }
          turnBegan = undefined;
          return;
        case 'final':
          heard = event.language ?? heard;
          return;
        case 'interim':
        case 'gap':
        case 'connection':
          return;
      }
    };
  }

  get summary(): RoomUsageSummary {
    return {
      ...this.#usage(this.#total),
      tracks: Array.from(this.#tracks, ([track, count]) => ({
        track,
        ...this.#usage(count),
      })).filter(({ audioMs }) => audioMs > 0),
      languages: Object.fromEntries(
        Array.from(this.#languages, ([language, count]) => [language, this.#usage(count)]),
      ),
    };
  }

  #usage({ audioMs, speechMs }: Count): Usage {
    return usageOf(audioMs, speechMs, this.#ratePerHour);
  }

  #language(language: string): Count {
    const count = this.#languages.get(language) ?? { audioMs: 0, speechMs: 0 };
    this.#languages.set(language, count);
    return count;
  }
}
