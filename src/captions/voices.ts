import type { FinalTranscript, InterimTranscript, Word } from '../pulse/events.js';

/** How much of what was heard is kept to know voices again by. */
const REMEMBERED_MS = 20_000;

type Heard = Pick<Word, 'start' | 'end' | 'speaker'>;

/**
 * Numbers the voices at one microphone by their first appearance: `1`, `2` and so on in place of the recogniser's own
 * names, which begin anew with each of its connections. A name that is new on a connection is
 *
 * 1. the voice that the connection before heard at the same time, where there are words that both have heard: those that
 *    were not final yet, and the last final ones, which a new connection repeats;
 * 2. else the only voice that there was so far;
 * 3. else a new voice.
 *
 * One voice is never two names of one connection. Numbers are given for good by finals; what only an interim tells may
 * still turn out to be somebody else.
 */
export class Voices {
  /** This connection's names. */
  #numbers = new Map<string, number>();
  /** Words with their numbers, of this connection and of those before. */
  #heard: readonly Heard[] = [];
  #before: readonly Heard[] = [];
  #latest: readonly Heard[] = [];
  #count = 0;

  /** The recogniser's names mean nothing any more. */
  newConnection(): void {
    this.#numbers = new Map();
    this.#heard = this.#before = [...this.#heard, ...this.#latest];
    this.#latest = [];
  }

  /** The same with our numbers as the names of the voices. */
  interim(event: InterimTranscript): InterimTranscript {
    const numbers = this.#assign([...(event.repeated ?? []), ...event.words]);
    if (!numbers) return event;
    const words = event.words.map((word) => numbered(word, numbers));
    this.#latest = words;
    return { ...event, words };
  }

  /** The same with our numbers as the names of the voices. */
  final(event: FinalTranscript): FinalTranscript {
    this.#latest = [];
    const spoken: readonly Heard[] = event.words.length > 0 ? event.words : [event];
    const numbers = this.#assign([...(event.repeated ?? []), ...spoken]);
    if (!numbers) return event;
    this.#numbers = numbers;
    this.#count = Math.max(this.#count, ...numbers.values());
    this.#heard = [...this.#heard, ...spoken.map((part) => numbered(part, numbers))].filter(
      ({ end }) => end > event.end - REMEMBERED_MS,
    );
    return {
      ...numbered(event, numbers),
      words: event.words.map((word) => numbered(word, numbers)),
    };
  }

  /** @returns the numbers of this connection's names; undefined when none of the words has one */
  #assign(words: readonly Heard[]): Map<string, number> | undefined {
    if (!words.some(({ speaker }) => speaker !== undefined)) return undefined;
    const numbers = new Map(this.#numbers);
    for (const { speaker } of words) {
      if (speaker === undefined || numbers.has(speaker)) continue;
      const known = this.#recognise(speaker, words, new Set(numbers.values()));
      numbers.set(speaker, known ?? Math.max(this.#count, ...numbers.values()) + 1);
    }
    return numbers;
  }

  /** The number of a voice that another connection has heard. */
  #recognise(
    name: string,
    words: readonly Heard[],
    taken: ReadonlySet<number>,
  ): number | undefined {
    const shared = new Map<number, number>();
    for (const word of words) {
      if (word.speaker !== name) continue;
      for (const before of this.#before) {
        const number = Number(before.speaker);
        const ms = Math.min(word.end, before.end) - Math.max(word.start, before.start);
        if (ms > 0 && !taken.has(number)) shared.set(number, (shared.get(number) ?? 0) + ms);
      }
    }
    const [best] = [...shared].sort(([, one], [, other]) => other - one);
    if (best) return best[0];
    return this.#count === 1 && !taken.has(1) ? 1 : undefined;
  }
}

function numbered<Part extends { readonly speaker?: string }>(
  part: Part,
  numbers: ReadonlyMap<string, number>,
): Part {
  const number = part.speaker === undefined ? undefined : numbers.get(part.speaker);
  return number === undefined ? part : { ...part, speaker: String(number) };
}
