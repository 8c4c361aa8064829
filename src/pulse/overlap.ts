import type { Word } from './events.js';

/** How many confirmed words are kept to compare texts with. */
const TAIL = 3;
/** A word at the seam may be this far off its time: two recognitions of one word never agree to the millisecond. */
const SLACK_MS = 400;

interface Heard {
  readonly text: string;
  readonly words: readonly Word[];
}

/**
 * What a replay says again. After a reconnection the audio is sent from a little before the last confirmed word, so
 * that no word is cut; the words that were final already come a second time and are taken out here, by their times,
 * and at the seam by their texts.
 */
export class Overlap {
  readonly #until: number;
  readonly #tail: readonly string[];

  /** @param confirmed the last words that were final, in order, with times on the owner's clock. */
  constructor(confirmed: readonly Word[]) {
    this.#until = confirmed.at(-1)?.end ?? Number.NEGATIVE_INFINITY;
    this.#tail = confirmed.slice(-TAIL).map((word) => plain(word.text));
  }

  /** Whether text from `start` on can still be a repetition. */
  covers(start: number): boolean {
    return start < this.#until + SLACK_MS;
  }

  /** @returns what is new, with the words that were repeated before it */
  strip<T extends Heard>(heard: T): T & { readonly repeated?: readonly Word[] } {
    if (this.#tail.length === 0) return heard;
    const count =
      heard.words.length > 0 ? this.#repeatedWords(heard.words) : this.#repeatedTokens(heard.text);
    if (count === 0) return heard;
    const said = heard.words.length > 0 ? heard.words.map((word) => word.text) : tokens(heard.text);
    return {
      ...heard,
      text: without(heard.text, said.slice(0, count), said.slice(count)),
      words: heard.words.slice(count),
      repeated: heard.words.slice(0, count),
    };
  }

  #repeatedWords(words: readonly Word[]): number {
    const byTime = words.filter((word) => (word.start + word.end) / 2 <= this.#until).length;
    const last = this.#tail.at(-1);
    const isLast = (count: number): boolean => {
      const word = words[count - 1];
      return (
        word !== undefined &&
        plain(word.text) === last &&
        Math.abs(word.end - this.#until) <= SLACK_MS
      );
    };
    return [byTime, byTime + 1, byTime - 1].find((count) => count > 0 && isLast(count)) ?? byTime;
  }

  /** Without times: the longest end of what was final that this text begins with. */
  #repeatedTokens(text: string): number {
    const first = tokens(text).map(plain);
    for (let count = Math.min(this.#tail.length, first.length); count > 0; count -= 1) {
      const end = this.#tail.slice(-count);
      if (end.every((word, index) => word !== '' && word === first[index])) return count;
    }
    return 0;
  }
}

/** The text behind its first words; punctuation that closed them goes with them. */
function without(text: string, first: readonly string[], rest: readonly string[]): string {
  const lower = text.toLowerCase();
  let position = 0;
  for (const word of first) {
    const found = lower.indexOf(word.toLowerCase(), position);
    if (found === -1) return rest.join(' ');
    position = found + word.length;
  }
  return text.slice(position).replace(/^[\s.,;:!?…。、！？।؟)\]"”’]+/u, '');
}

function tokens(text: string): string[] {
  return text.split(/\s+/);
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[\p{P}\s]+/gu, '');
}
