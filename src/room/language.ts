import { LANGUAGES, normaliseLanguage } from '../pulse/languages.js';

/** All that a person or an app may ask for, as people are told. */
export const LANGUAGE_LIST = LANGUAGES.streaming
  .map((code) => (code === 'multi' ? 'auto' : code))
  .join(' ');

/** Longer than any code: what is longer is not looked at. */
const LONGEST_CODE = 40;

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

/** @returns Pulse's name of the language that was asked for; undefined when it has none */
export function readLanguage(asked: unknown): string | undefined {
  if (typeof asked !== 'string' || asked.length > LONGEST_CODE) return undefined;
  return normaliseLanguage(asked, 'streaming');
}
