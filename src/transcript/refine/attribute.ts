import type { Word } from '../../pulse/events.js';
import type { SegmentRecord } from '../records.js';
import { keyOf, type Lane, type Scope } from './lane.js';
import { likeness, type LiveIndex } from './live-index.js';

/** A word of a recording, on the clock of the call. */
export interface Said {
  readonly word: Word;
  readonly lane: Lane;
  /** The segment of the first transcript that has it, or has what was said in its place. */
  readonly first: SegmentRecord | undefined;
}

/** From the end of a live segment to a word that may still belong to it. */
const REACH_MS = 700;
/** Pauses inside of what one person says. */
const GOES_ON_MS = 1000;
/** Which part of what a voice says must be of one person for the voice to be theirs, and how much that is at least. */
const VOICE_SHARE = 0.6;
const VOICE_LEAST_MS = 1000;

/**
 * Says of each word whose it is: of who was heard to speak at that time, on their own track, when the call was
 * captioned. Where nobody was, a recording of one person has only theirs; in one of everybody it is who else speaks
 * with that voice, or said the word before; and at last a voice without a name.
 *
 * @param words in the order of time
 * @param live what was captioned of those whom the recording has
 */
export function attribute(words: readonly Word[], live: LiveIndex, scope: Scope): Said[] {
  const candidates = words.map((word) => live.near(word, REACH_MS));
  const owners = scope.identity === undefined ? voiceOwners(words, live) : new Map<string, Lane>();
  const said: Said[] = [];
  for (const [index, word] of words.entries()) {
    const before = said.at(-1);
    const goesOn = before && word.start - before.word.end <= GOES_ON_MS ? before : undefined;
    const owner = word.speaker === undefined ? undefined : owners.get(word.speaker);
    const first = mostLike(word, candidates[index] ?? [], owner, goesOn?.lane);
    const lane = first ?? (scope.identity === undefined ? undefined : (before?.lane ?? scope.lane));
    said.push({ word, lane: lane ?? owner ?? fallback(word, goesOn), first });
  }
  return said;
}

/**
 * @param owner of the word's voice: where nobody was captioned at just that time, that counts for more than who was
 *   shortly before or after
 * @param before who said the word before
 */
function mostLike(
  word: Word,
  candidates: readonly SegmentRecord[],
  owner: Lane | undefined,
  before: Lane | undefined,
): SegmentRecord | undefined {
  const scores = candidates.map((segment) => likeness(word, segment));
  const most = Math.max(...scores);
  const best = candidates.filter((_, index) => scores[index] === most);
  const inLane = (lane: Lane | undefined, segments: readonly SegmentRecord[]) =>
    lane && segments.find((segment) => keyOf(segment) === keyOf(lane));
  if (owner && most < 0) return inLane(owner, candidates);
  return inLane(owner, best) ?? inLane(before, best) ?? best[0];
}

/** Of one voice, in milliseconds. */
interface Heard {
  total: number;
  readonly lanes: Map<string, { ms: number; readonly lane: Lane }>;
}

/** Whose voices they are, by what is said while only one person speaks. */
function voiceOwners(words: readonly Word[], live: LiveIndex): Map<string, Lane> {
  const heard = new Map<string, Heard>();
  for (const word of words) {
    const { speaker: voice, start, end } = word;
    const [only, ...others] = live.near(word, 0);
    if (voice === undefined || !only) continue;
    if (others.some((other) => keyOf(other) !== keyOf(only))) continue;
    const known: Heard = heard.get(voice) ?? { total: 0, lanes: new Map() };
    const lane = known.lanes.get(keyOf(only)) ?? { ms: 0, lane: only };
    known.total += end - start;
    lane.ms += end - start;
    known.lanes.set(keyOf(only), lane);
    heard.set(voice, known);
  }
  const owners = new Map<string, Lane>();
  for (const [voice, { total, lanes }] of heard) {
    for (const { ms, lane } of lanes.values()) {
      if (ms >= VOICE_LEAST_MS && ms >= total * VOICE_SHARE) owners.set(voice, lane);
    }
  }
  return owners;
}

function fallback({ speaker: voice }: Word, before: Said | undefined): Lane {
  if (voice === undefined && before) return before.lane;
  const name = voice === undefined ? 'Speaker' : `Speaker ${voice}`;
  const identity = voice === undefined ? 'voice' : `voice-${voice}`;
  return { speaker: { identity, name, label: name }, track: { sid: '', source: 'unknown' } };
}
