import type { Gap, Transcript } from '../transcript.js';
import type { Passage } from './passage.js';
import { without } from './spans.js';

/** Stands where something was said that nobody recognised. */
export const NOT_RECOGNISED = '[not recognised]';

/** What is shorter is no more than a word. */
const SHORTEST_GAP_MS = 1000;

/** What stands for the audio that was lost, and that no other captioner heard either. Not in the order of time. */
export function gapPassages({ segments, gaps, people }: Transcript): Passage[] {
  return [...byTrack(gaps)].flatMap(([track, lost]) => {
    const said = segments.filter((segment) => segment.track.sid === track);
    const identity = lost[0]?.identity ?? '';
    const name = people.find((person) => person.identity === identity)?.name ?? '';
    const speaker = said[0]?.speaker ?? { identity, name, label: name };
    return without(lost, said)
      .filter(({ start, end }) => end - start >= SHORTEST_GAP_MS)
      .map((span, index) => ({
        ...span,
        id: `gap.${track}.${index + 1}`,
        text: NOT_RECOGNISED,
        speaker,
      }));
  });
}

function byTrack(gaps: readonly Gap[]): Map<string, Gap[]> {
  const tracks = new Map<string, Gap[]>();
  for (const gap of gaps) tracks.set(gap.track, [...(tracks.get(gap.track) ?? []), gap]);
  return tracks;
}
