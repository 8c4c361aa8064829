import { VOCABULARY } from '../../pulse-server/exact/index.js';
import type { Person, Speech } from '../speakers.js';

/**
 * Who says what. Each speaker goes round the vocabulary in steps of a length that no other speaker has, so that any
 * two words that follow one another tell who said them, and nobody says a word twice.
 */
export const MOST_WORDS = VOCABULARY.length;
const WORDS_A_PHRASE = 10;
/** With its margins and the pause after it. */
export const PHRASE_MS = 4780;

const STEPS = Array.from({ length: MOST_WORDS }, (_, step) => step).filter(
  (step) => greatestCommonDivisor(step, MOST_WORDS) === 1,
);
export const MOST_SPEAKERS = STEPS.length;

const INDICES = new Map(VOCABULARY.map((word, index) => [word, index]));

export interface Script {
  readonly person: Person;
  /** In the order in which they are said. */
  readonly words: readonly string[];
  readonly speech: Speech;
}

export interface Scene {
  readonly rooms: number;
  /** In each room. */
  readonly speakers: number;
}

/** Everybody says as many phrases, not in step with the others. `after`: how many phrases have been said before. */
export function scriptsFor({ rooms, speakers }: Scene, phrases: number): Script[] {
  const count = rooms * speakers;
  if (count > MOST_SPEAKERS) throw new RangeError(`at most ${MOST_SPEAKERS} people can speak`);
  return Array.from({ length: count }, (_, number) => {
    const identity = `speaker-${number}`;
    const indices = Array.from({ length: phrases * WORDS_A_PHRASE }, (_, place) =>
      wordAt(number, place),
    );
    return {
      person: { room: `density-${Math.floor(number / speakers)}`, identity },
      words: indices.map((index) => VOCABULARY[index] ?? ''),
      speech: {
        identity,
        after: (number * PHRASE_MS) / count,
        phrases: Array.from({ length: phrases }, (_, phrase) =>
          indices.slice(phrase * WORDS_A_PHRASE, (phrase + 1) * WORDS_A_PHRASE),
        ),
      },
    };
  });
}

/** How many phrases fill so many seconds, as far as the vocabulary goes. */
export function phrasesIn(seconds: number): number {
  const most = Math.floor(MOST_WORDS / WORDS_A_PHRASE);
  return Math.min(most, Math.max(1, Math.round((seconds * 1000) / PHRASE_MS)));
}

/** The number of the speaker who says these words, if anybody does: what most pairs of them tell. */
export function speakerOf(words: readonly string[]): number | undefined {
  const votes = new Map<number, number>();
  for (const [place, word] of words.entries()) {
    const [before, now] = [INDICES.get(words[place - 1] ?? ''), INDICES.get(word)];
    if (before === undefined || now === undefined) continue;
    const speaker = STEPS.indexOf((now - before + MOST_WORDS) % MOST_WORDS);
    if (speaker !== -1) votes.set(speaker, (votes.get(speaker) ?? 0) + 1);
  }
  const [winner] = [...votes].sort(([, one], [, other]) => other - one);
  return winner?.[0];
}

/** What a speaker says at a place of their speech, as its index in the vocabulary. */
export function wordAt(speaker: number, place: number): number {
  return ((STEPS[speaker] ?? 1) * (place + 1)) % MOST_WORDS;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
