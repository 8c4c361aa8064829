import type { Speaker, TrackSource } from './caption.js';

export interface SpeakerSource {
  readonly identity: string;
  /** As the participant or the app wrote it; may be empty. */
  readonly name?: string | undefined;
  readonly source: TrackSource;
  /** With diarization: the recogniser's own name of a voice on this track, such as `2` or `speaker_2`. */
  readonly voice?: string | undefined;
}

const LONGEST_LABEL = 100;
// Control characters would break lines and terminals; the directional overrides would turn the text around them.
const UNSAFE = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Who speaks, with what to show: the name, else the identity, then what tells a screen's sound from the person
 * and one voice at a microphone from another: `Alice Ng (screen)`, `Room 4 (speaker 2)`.
 */
export function describeSpeaker({ identity, name = '', source, voice }: SpeakerSource): Speaker {
  const shown = legible(name) || legible(identity) || 'Unknown';
  const details = [
    ...(source === 'screen_share_audio' ? ['screen'] : []),
    ...(voice === undefined ? [] : [voiceLabel(voice)]),
  ];
  const label = details.length > 0 ? `${shown} (${details.join(', ')})` : shown;
  return { identity, name, label };
}

function voiceLabel(voice: string): string {
  const number = /\d+$/.exec(voice)?.[0];
  return `speaker ${number ?? legible(voice)}`;
}

function legible(text: string): string {
  const line = text.replace(UNSAFE, ' ').replace(/\s+/g, ' ').trim();
  if (line.length <= LONGEST_LABEL) return line;
  let kept = '';
  for (const { segment } of graphemes.segment(line)) {
    if (kept.length + segment.length >= LONGEST_LABEL) break;
    kept += segment;
  }
  return `${kept}…`;
}
