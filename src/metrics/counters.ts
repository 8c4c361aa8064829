/** Counters without labels, by the end of their names (`captions_…`), with what they count. */
export const COUNTERS = {
  words_total: 'Words in what was recognised for good.',
  segments_total: 'Captions that were completed.',
  revisions_total: 'States of captions, before any is left out to keep the pace of readers.',
  gaps_total: 'Times that audio was lost before it could be recognised.',
  gap_seconds_total: 'Audio that was lost before it could be recognised.',
  audio_sent_seconds_total: 'Audio that was sent to Pulse: what is billed.',
  cost_total: 'What the audio that was sent costs, in the currency of PULSE_RATE_PER_HOUR.',
  speech_seconds_total: 'Speech, from the beginnings to the ends of turns as Pulse hears them.',
} as const;

export type CounterName = keyof typeof COUNTERS;
