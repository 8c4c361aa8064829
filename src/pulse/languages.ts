const STREAMING = [
  'en', 'hi', 'de', 'es', 'ru', 'it', 'fr', 'nl', 'pt', 'zh', 'yue', 'ja', 'ko',
  'gu', 'mr', 'or', 'bn', 'ta', 'te', 'kn', 'ml',
  'north_indic', 'multi-asian', 'multi-south-indic', 'multi',
] as const; // prettier-ignore

const BATCH = [
  'en', 'hi', 'de', 'es', 'ru', 'it', 'fr', 'nl', 'pt', 'uk', 'pl', 'cs', 'sk', 'lv', 'et', 'ro',
  'fi', 'sv', 'bg', 'hu', 'da', 'lt', 'mt', 'zh', 'ja', 'ko',
  'multi-eu', 'multi-asian', 'multi-indic', 'multi',
] as const; // prettier-ignore

export type StreamingLanguage = (typeof STREAMING)[number];
export type BatchLanguage = (typeof BATCH)[number];
export type LanguageMode = 'streaming' | 'batch';

export const LANGUAGES: Readonly<Record<LanguageMode, readonly string[]>> = {
  streaming: STREAMING,
  batch: BATCH,
};

/**
 * The API's name for what people write: `en-US` and `EN_us` become `en`, `zh-HK` stays Mandarin as the API has it,
 * `yue-HK` becomes `yue`, `auto` becomes `multi` (the vendor's automatic detection), detectors stay.
 *
 * @returns undefined where the mode does not have the language: `LANGUAGES[mode]` lists what it has.
 */
export function normaliseLanguage(code: string, mode: LanguageMode): string | undefined {
  const asked = code.trim().toLowerCase();
  const known = LANGUAGES[mode];
  if (asked === 'auto') return 'multi';
  if (known.includes(asked)) return asked;
  const base = asked.split(/[-_]/)[0] ?? '';
  return /^[a-z]{2,3}$/.test(base) && known.includes(base) ? base : undefined;
}
