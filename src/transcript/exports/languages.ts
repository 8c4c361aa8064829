import type { Passage } from './passage.js';

const CODE = /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i;

/** A language's code, if it is one that tags of languages allow: `auto` and the like are not. */
export function languageCode(language: string | undefined): string | undefined {
  return language !== undefined && CODE.test(language) ? language : undefined;
}

/** The languages that were spoken, that of most of the text first. */
export function languagesOf(passages: readonly Passage[]): string[] {
  const lengths = new Map<string, number>();
  for (const { language, text } of passages) {
    const code = languageCode(language);
    if (code !== undefined) lengths.set(code, (lengths.get(code) ?? 0) + text.length);
  }
  return [...lengths].sort(([, one], [, other]) => other - one).map(([code]) => code);
}
