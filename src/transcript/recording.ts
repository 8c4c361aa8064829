import { findSentenceEnd } from '../captions/sentences.js';
import type { BatchTranscript } from '../pulse/batch.js';
import type { Word } from '../pulse/events.js';
import type { Passage } from './exports/passage.js';

/** Of silence between two words: more than a breath. */
const PAUSE_MS = 1000;
/** Of a sentence that nobody would say: stops are missing. */
const MAX_LENGTH = 400;

/**
 * A recognised recording as passages, with their words where those have times: cut where sentences end, at pauses, and
 * where another voice begins.
 */
export function recordingCues(transcript: BatchTranscript): Passage[] {
  const { words, utterances, text, durationMs = 0 } = transcript;
  if (words.length > 0) return wordGroups(words).map(toPassage);
  const whole = text.trim() === '' ? [] : [{ text, start: 0, end: durationMs }];
  return (utterances.length > 0 ? utterances : whole).map((part, index) => ({
    id: String(index + 1),
    text: part.text.trim(),
    start: part.start,
    end: part.end,
    speaker: speakerOf('speaker' in part ? part.speaker : undefined),
  }));
}

function wordGroups(words: readonly Word[]): Word[][] {
  const groups: Word[][] = [];
  let group: Word[] = [];
  for (const word of words) {
    if (group.length > 0 && endsBefore(group, word)) {
      groups.push(group);
      group = [];
    }
    group.push(word);
  }
  return group.length > 0 ? [...groups, group] : groups;
}

function endsBefore(group: readonly Word[], next: Word): boolean {
  const last = group.at(-1);
  if (!last) return false;
  const text = joined(group);
  // The end of a sentence shows only by what comes behind it.
  const sentence = findSentenceEnd(`${text} ${next.text}`, Math.max(1, text.length - 1));
  return (
    last.speaker !== next.speaker ||
    next.start - last.end > PAUSE_MS ||
    text.length + 1 + next.text.length > MAX_LENGTH ||
    (sentence !== undefined && sentence <= text.length + 1)
  );
}

function toPassage(group: readonly Word[], index: number): Passage {
  return {
    id: String(index + 1),
    text: joined(group),
    start: group[0]?.start ?? 0,
    end: group.at(-1)?.end ?? 0,
    words: [...group],
    speaker: speakerOf(group[0]?.speaker),
  };
}

function joined(group: readonly Word[]): string {
  return group.map(({ text }) => text.trim()).join(' ');
}

function speakerOf(voice: string | undefined): Passage['speaker'] {
  const name = voice === undefined ? 'Speaker' : `Speaker ${voice.replace(/^speaker_/, '')}`;
  return { identity: voice ?? '', name, label: name };
}
