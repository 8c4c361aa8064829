import type { Speaker, TrackSource } from './caption.js';
import { legible } from './legible.js';
import { SpeakerNames } from './speaker-names.js';

export interface SpeakerSource {
  readonly identity: string;
  /** As the participant or the app wrote it; may be empty. */
  readonly name?: string | undefined;
  readonly source: TrackSource;
  /** With diarization: which of the voices on this track, such as `2` or `speaker_2`. */
  readonly voice?: string | undefined;
}

/**
 * Who speaks, with what to show: the name, else the identity, then what tells a screen's sound from the person
 * and one voice at a microphone from another: `Alice Ng (screen)`, `Room 4 (speaker 2)`.
 * @param names of the room, which tell people of one name apart
 */
export function describeSpeaker(
  { identity, name = '', source, voice }: SpeakerSource,
  names = new SpeakerNames(),
): Speaker {
  const shown = names.labelOf(identity, name);
  const details = [
    ...(source === 'screen_share_audio' ? ['screen'] : []),
    ...(voice === undefined ? [] : [voiceLabel(voice)]),
  ];
  const label = details.length > 0 ? `${shown} (${details.join(', ')})` : shown;
  return { identity, name: legible(name), label };
}

function voiceLabel(voice: string): string {
  const number = /\d+$/.exec(voice)?.[0];
  return `speaker ${number ?? legible(voice)}`;
}
