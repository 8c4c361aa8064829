import type { Caption } from '../../../captions/caption.js';
import type { PulseEvent } from '../../../pulse/events.js';
import { commonLength } from './flicker.js';

/** When so many letters of the final text were first there, in front and in order. */
class Progress {
  readonly #steps: { readonly at: number; readonly letters: string }[] = [];

  see(at: number, text: string): void {
    this.#steps.push({ at, letters: bare(text) });
  }

  /** @returns for each letter of the final text when it was first there */
  times(finalLetters: string): number[] {
    const times: number[] = [];
    for (const { at, letters } of this.#steps) {
      const there = commonLength(letters, finalLetters);
      while (times.length < there) times.push(at);
    }
    return times;
  }
}

/** How much later a word is shown than the recogniser first said it, for all words of one track. */
export class Delays {
  readonly #heard = new Progress();
  readonly #shown = new Progress();
  readonly #segments = new Map<string, string>();
  #settled = '';

  /** @param at the same clock for both */
  hear(at: number, event: PulseEvent): void {
    if (event.type === 'final') this.#settled += ` ${event.text}`;
    if (event.type === 'interim') this.#heard.see(at, `${this.#settled} ${event.text}`);
    if (event.type === 'final') this.#heard.see(at, this.#settled);
  }

  show(at: number, { id, text }: Caption): void {
    this.#segments.set(id, text);
    this.#shown.see(at, [...this.#segments.values()].join(' '));
  }

  /** Milliseconds, one for each word that was shown right in the end. */
  get all(): number[] {
    const final = bare(this.#settled);
    const heard = this.#heard.times(final);
    const shown = this.#shown.times(final);
    let letters = 0;
    return this.#settled.split(' ').flatMap((word) => {
      letters += bare(word).length;
      const [first, last] = [heard[letters - 1], shown[letters - 1]];
      return first === undefined || last === undefined ? [] : [Math.max(0, last - first)];
    });
  }
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}
