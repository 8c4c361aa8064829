import { describeSpeaker } from '../../captions/speaker.js';
import type { SegmentRecord } from '../records.js';
import type { Transcript } from '../transcript.js';

/** Who speaks where: what follows one another in a lane may be one sentence. */
export type Lane = Pick<SegmentRecord, 'speaker' | 'track'>;

/** Whose speech a recording has, and what it replaces. */
export interface Scope {
  /** The person whose tracks these are; undefined for everybody together. */
  readonly identity: string | undefined;
  readonly tracks: ReadonlySet<string>;
  /** For what is heard where the first transcript has nothing. */
  readonly lane: Lane | undefined;
}

export function keyOf({ speaker, track }: Lane): string {
  return JSON.stringify([speaker.identity, speaker.name, speaker.label, track.sid]);
}

/** Of a recording of the whole call. */
export function everybody({ segments, gaps }: Transcript): Scope {
  const tracks = [...segments.map(({ track }) => track.sid), ...gaps.map(({ track }) => track)];
  return { identity: undefined, tracks: new Set(tracks), lane: undefined };
}

/**
 * @param key an identity, for which the sound of a screen is left aside, or the sid of a track
 * @returns undefined where the call knows neither
 */
export function scopeOf(key: string, transcript: Transcript): Scope | undefined {
  const { people, segments, gaps } = transcript;
  const person = people.find(({ identity }) => identity === key);
  if (!person) return scopeOfTrack(key, transcript);
  const said = segments.filter(({ speaker }) => speaker.identity === key);
  const screens = new Set(
    said.flatMap(({ track }) => (track.source === 'screen_share_audio' ? [track.sid] : [])),
  );
  const spoken = said.findLast(({ track }) => !screens.has(track.sid));
  const lost = gaps.filter(({ identity, track }) => identity === key && !screens.has(track));
  const tracks = [
    ...said.flatMap(({ track }) => (screens.has(track.sid) ? [] : [track.sid])),
    ...lost.map(({ track }) => track),
  ];
  const speaker = describeSpeaker({ ...person, source: 'microphone' });
  const track = { sid: tracks[0] ?? '', source: 'microphone' };
  return { identity: key, tracks: new Set(tracks), lane: spoken ?? { speaker, track } };
}

function scopeOfTrack(sid: string, { segments, gaps, people }: Transcript): Scope | undefined {
  const tracks = new Set([sid]);
  const lane = segments.findLast(({ track }) => track.sid === sid);
  if (lane) return { identity: lane.speaker.identity, tracks, lane };
  const identity = gaps.find(({ track }) => track === sid)?.identity;
  const person = people.find((one) => one.identity === identity);
  if (!person) return undefined;
  const speaker = describeSpeaker({ ...person, source: 'unknown' });
  const { identity: known } = person;
  return { identity: known, tracks, lane: { speaker, track: { sid, source: 'unknown' } } };
}
