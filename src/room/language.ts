import { normaliseLanguage } from '../pulse/languages.js';

export interface RoomLanguage {
  /** For the attribute `captions.languages`: a code, the name of a detector, or `auto`. */
  readonly shown: string;
  /** For text of which the recogniser does not say the language. */
  readonly assumed: string;
}

export function roomLanguage(configured = 'en'): RoomLanguage {
  const language = normaliseLanguage(configured, 'streaming') ?? configured;
  if (language === 'multi') return { shown: 'auto', assumed: 'und' };
  // Detectors have longer names than codes; what they hear is undetermined until they say it.
  return { shown: language, assumed: language.length > 3 ? 'und' : language };
}
