import type { PersonInCall, Transcript } from '../transcript.js';
import { clock } from './clock.js';
import { languagesOf } from './languages.js';
import { missingFrom } from './missing.js';
import { labelOf } from './passage.js';
import { type SpeakerInCall, speakersOf } from './speakers.js';

/** What people want to know of a call before they read it, a line each: when, how long, who, and what is missing. */
export function factsOf(transcript: Transcript): string[] {
  const { epoch, end, segments, people } = transcript;
  const languages = languagesOf(segments);
  const speakers = speakersOf(transcript);
  return [
    ...(epoch > 0 ? [`Date: ${dateOf(epoch)}`] : []),
    `Length: ${clock(end)}`,
    ...(languages.length > 0 ? [`Languages: ${languages.join(', ')}`] : []),
    ...people.map((person) => factOf(person, speakers)),
    ...missingFrom(transcript).map((what) => `Missing: ${what}`),
  ];
}

function factOf(
  { identity, name, stays }: PersonInCall,
  speakers: readonly SpeakerInCall[],
): string {
  const own = speakers.filter((speaker) => speaker.identity === identity);
  const [only, ...more] = own;
  const label = only && more.length === 0 ? only.label : labelOf({ identity, name, label: name });
  const spoke = own.map((speaker) =>
    more.length === 0
      ? `spoke ${clock(speaker.talkMs)}`
      : `${speaker.label} spoke ${clock(speaker.talkMs)}`,
  );
  const there = stays.map(({ from, to }) => `${clock(from)}–${to === undefined ? '' : clock(to)}`);
  const facts = [
    ...(spoke.length > 0 ? spoke : ['said nothing']),
    ...(there.length > 0 ? [`there ${there.join(' and ')}`] : []),
  ];
  return `${label}: ${facts.join(', ')}`;
}

/** Of any number: those that no date is so late for are left as they are. */
function dateOf(epoch: number): string {
  const date = new Date(epoch);
  if (Number.isNaN(date.getTime())) return String(epoch);
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
