import { speakerOf, type Script } from './speech.js';
import type { Shown } from './listeners.js';
import type { Answered } from './noting.js';
import { countOf, wordsOf } from '../words.js';

export interface Outcome {
  readonly words: number;
  /** Said, but never answered: LiveKit or the worker lost the sound. */
  readonly unheard: number;
  /** Answered, but in no final caption. */
  readonly lost: number;
  readonly doubled: number;
  /** In final captions, but never said by that person. */
  readonly foreign: number;
  /** Milliseconds from when an answer leaves to when its newest word is at a listener, one for each word. */
  readonly overhead: readonly number[];
}

/**
 * Follows every word from a speaker to a listener.
 * @param answers of each stream
 * @param shown in the order in which it came
 * @param from words before this one (the first is 0) do not count for the overhead: a program warms up
 */
export function follow(
  scripts: readonly Script[],
  answers: readonly (readonly Answered[])[],
  shown: readonly Shown[],
  from = 0,
): Outcome {
  const answeredBy = answersOfSpeakers(answers);
  const outcome = { words: 0, unheard: 0, lost: 0, doubled: 0, foreign: 0 };
  const overhead: number[] = [];
  for (const [number, { person, words }] of scripts.entries()) {
    const captions = shown.filter(({ identity }) => identity === person.identity);
    const arrived = firstArrivals(captions);
    const counted = new Set(words.slice(from));
    const settled = countOf(finalWords(captions));
    const said = new Set(words);
    const answered = answeredBy.get(number) ?? new Map<string, number>();

    outcome.words += words.length;
    for (const word of words) {
      const copies = settled.get(word) ?? 0;
      if (copies === 0) outcome[answered.has(word) ? 'lost' : 'unheard'] += 1;
      else outcome.doubled += copies - 1;
    }
    for (const [word, copies] of settled) if (!said.has(word)) outcome.foreign += copies;
    for (const [word, at] of answered) {
      const arrival = arrived.get(word);
      if (arrival !== undefined && counted.has(word)) overhead.push(arrival - at);
    }
  }
  return { ...outcome, overhead };
}

/** When each word was first answered, of each speaker. One who has several streams, one after the other, is one. */
function answersOfSpeakers(
  answers: readonly (readonly Answered[])[],
): Map<number, Map<string, number>> {
  const speakers = new Map<number, Map<string, number>>();
  for (const stream of answers) {
    const speaker = speakerOf(stream.map(({ word }) => word));
    if (speaker === undefined) continue;
    const words = speakers.get(speaker) ?? new Map<string, number>();
    speakers.set(speaker, words);
    for (const { word, at } of stream) {
      words.set(word, Math.min(at, words.get(word) ?? Number.POSITIVE_INFINITY));
    }
  }
  return speakers;
}

function firstArrivals(captions: readonly Shown[]): Map<string, number> {
  const arrivals = new Map<string, number>();
  for (const { text, at } of captions) {
    for (const word of wordsOf(text)) if (!arrivals.has(word)) arrivals.set(word, at);
  }
  return arrivals;
}

/** Of each segment what came last counts, as in any client. */
function finalWords(captions: readonly Shown[]): string[] {
  const finals = captions.filter(({ final }) => final);
  return [...new Map(finals.map(({ segment, text }) => [segment, text])).values()].flatMap(wordsOf);
}
