import { alignedPrefix } from '../../../captions/aligned-prefix.js';
import type { RecognisedWord } from '../recogniser.js';

/** A word is settled when two readings in a row have it and the voice has gone on for this long, in seconds. */
const SETTLING_TIME = 1.5;
/** Finals of a single word each would be more than Pulse does. */
const FEWEST_WORDS = 3;

/**
 * Imitates the finals every few words of Pulse with a recogniser that reads the whole utterance again each time:
 * what two readings in a row agree on, and is old enough, is settled. The utterance's sound is never cut for it, so
 * the later readings lose no context; what they say beyond the settled words is found by comparing the two.
 */
export class Agreement {
  private settled: RecognisedWord[] = [];
  private before: readonly RecognisedWord[] = [];

  /** `until`: how far the reading reached, in seconds. */
  read(
    words: readonly RecognisedWord[],
    until: number,
  ): { readonly settled: readonly RecognisedWord[]; readonly open: readonly RecognisedWord[] } {
    const rest = this.beyondSettled(words);
    let agreed = 0;
    while (agreed < rest.length) {
      const word = rest[agreed];
      const same = this.before[agreed];
      if (word === undefined || same === undefined || bare(word) !== bare(same)) break;
      if (word.end > until - SETTLING_TIME) break;
      agreed += 1;
    }
    if (agreed < FEWEST_WORDS) agreed = 0;
    const settled = rest.slice(0, agreed);
    const open = rest.slice(agreed);
    this.settled.push(...settled);
    this.before = open;
    return { settled, open };
  }

  /** The words of the utterance's last reading that have not been settled. */
  finish(words: readonly RecognisedWord[]): readonly RecognisedWord[] {
    return this.beyondSettled(words);
  }

  private beyondSettled(words: readonly RecognisedWord[]): readonly RecognisedWord[] {
    const rest = words.slice(alignedPrefix(this.settled.map(bare), words.map(bare)));
    const earliest = this.settled.at(-1)?.end ?? 0;
    return rest.map((word) => ({
      ...word,
      start: Math.max(word.start, earliest),
      end: Math.max(word.end, earliest),
    }));
  }
}

function bare(word: RecognisedWord): string {
  return word.text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
