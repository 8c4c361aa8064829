import type { Transcript } from '../transcript.js';
import { labelOf } from './passage.js';
import { lengthOf } from './spans.js';

/** Who spoke, and for how long. */
export interface SpeakerInCall {
  readonly identity: string;
  /** As their passages have it: with diarization, several speakers share an identity. */
  readonly label: string;
  readonly talkMs: number;
}

/** By how long they spoke, the one who did most first. */
export function speakersOf({ segments }: Pick<Transcript, 'segments'>): SpeakerInCall[] {
  const speakers = new Map<string, Transcript['segments'][number][]>();
  for (const segment of segments) {
    const key = JSON.stringify([segment.speaker.identity, segment.speaker.label]);
    const said = speakers.get(key);
    if (said) said.push(segment);
    else speakers.set(key, [segment]);
  }
  return Array.from(speakers.values(), (said) => ({
    identity: said[0]?.speaker.identity ?? '',
    label: said[0] ? labelOf(said[0].speaker) : '',
    talkMs: lengthOf(said),
  })).sort((one, other) => other.talkMs - one.talkMs);
}
