import type { Transcript } from '../../../transcript/transcript.js';
import { speakerOf } from '../density/speech.js';
import type { Said } from './people.js';
import { countOf, wordsOf } from '../words.js';

export interface Verdict {
  readonly words: number;
  /** Said, but never answered: the sound did not reach the recogniser. */
  readonly unheard: number;
  /** Answered, in no transcript, and in no gap that a transcript states. */
  readonly lost: number;
  readonly doubled: number;
  /** In a transcript, but never said by that person. */
  readonly crossed: number;
  /** Of audio that transcripts say is missing. */
  readonly gapMs: number;
}

/** Shorter than any word with its pause: so much of a gap excuses one. */
const WORD_MS = 300;

/**
 * @param said by everybody
 * @param answered the words of each stream
 * @param transcripts of all rooms
 */
export function judge(
  said: readonly Said[],
  answered: readonly (readonly string[])[],
  transcripts: readonly Transcript[],
): Verdict {
  const answeredTo = wordsByVoice(answered);
  const verdict = { words: 0, unheard: 0, lost: 0, doubled: 0, crossed: 0, gapMs: 0 };
  for (const { identity, voice, words } of said) {
    const heard = countOf(textsOf(identity, transcripts).flatMap(wordsOf));
    const known = new Set(words);
    const gapMs = gapOf(identity, transcripts);
    let missing = 0;
    for (const word of words) {
      const copies = heard.get(word) ?? 0;
      if (copies > 1) verdict.doubled += copies - 1;
      if (copies > 0) continue;
      if (answeredTo.get(voice)?.has(word)) missing += 1;
      else verdict.unheard += 1;
    }
    for (const [word, copies] of heard) if (!known.has(word)) verdict.crossed += copies;
    verdict.words += words.length;
    verdict.gapMs += Math.round(gapMs);
    verdict.lost += Math.max(0, missing - Math.ceil(gapMs / WORD_MS));
  }
  return verdict;
}

function textsOf(identity: string, transcripts: readonly Transcript[]): string[] {
  return transcripts.flatMap(({ segments }) =>
    segments.filter(({ speaker }) => speaker.identity === identity).map(({ text }) => text),
  );
}

function gapOf(identity: string, transcripts: readonly Transcript[]): number {
  const gaps = transcripts.flatMap((transcript) =>
    transcript.gaps.filter((gap) => gap.identity === identity),
  );
  return gaps.reduce((sum, { start, end }) => sum + end - start, 0);
}

function wordsByVoice(answered: readonly (readonly string[])[]): Map<number, Set<string>> {
  const voices = new Map<number, Set<string>>();
  for (const words of answered) {
    const voice = speakerOf(words);
    if (voice === undefined) continue;
    const known = voices.get(voice) ?? new Set();
    for (const word of words) known.add(word);
    voices.set(voice, known);
  }
  return voices;
}
