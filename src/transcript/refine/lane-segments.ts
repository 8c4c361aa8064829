import type { Caption } from '../../captions/caption.js';
import { newSegmentId } from '../../captions/segment-id.js';
import { Segmenter } from '../../captions/segmenter.js';
import type { Word } from '../../pulse/events.js';
import { type SegmentRecord, segmentRecord } from '../records.js';
import type { Said } from './attribute.js';
import { keyOf, type Lane } from './lane.js';

/** The segmenter is made for what comes as it is said: a few words each time. */
const PIECE = 30;

/** What was said as segments, cut as those of the first transcript are: each lane for itself, in the order of time. */
export function segmentsOf(
  said: readonly Said[],
  language: string,
  epoch: number,
): SegmentRecord[] {
  const lanes = new Map<string, { lane: Lane; words: Word[] }>();
  for (const { word, lane } of said) {
    const known = lanes.get(keyOf(lane)) ?? { lane, words: [] };
    known.words.push(word);
    lanes.set(keyOf(lane), known);
  }
  return Array.from(lanes.values(), ({ lane, words }) => {
    const { speaker, track } = lane;
    const segmenter = new Segmenter({
      track: { sid: track.sid, source: sourceOf(track.source) },
      speaker: () => speaker,
      epoch,
      newId: newSegmentId,
      defaultLanguage: language,
    });
    const finals: Caption[] = [];
    for (let from = 0; from < words.length; from += PIECE) {
      finals.push(...segmenter.on(final(words.slice(from, from + PIECE))));
    }
    finals.push(...segmenter.end());
    return finals.filter((caption) => caption.final && caption.text !== '').map(segmentRecord);
  }).flat();
}

function final(words: readonly Word[]) {
  return {
    type: 'final',
    text: words.map(({ text }) => text).join(' '),
    start: words[0]?.start ?? 0,
    end: words.at(-1)?.end ?? 0,
    // Whose voice it is has been decided.
    words: words.map(({ text, start, end, confidence }) => ({
      text,
      start,
      end,
      ...(confidence !== undefined && { confidence }),
    })),
    continuesWord: false,
    endOfTurn: false,
  } as const;
}

function sourceOf(source: string): Caption['track']['source'] {
  return source === 'microphone' || source === 'screen_share_audio' ? source : 'unknown';
}
