/** What Pulse hears live. Which of them a captioner can hear depends on its region: it says so when it cannot. */
const CODES = 'en de es fr it nl pt ru hi bn gu kn ml mr or ta te zh yue ja ko'.split(' ');

export interface LanguageChoice {
  /** As in the attribute `captions.language`; empty: the room's own. */
  readonly code: string;
  readonly label: string;
}

/** By their own names, because that is how people find theirs. */
export function languageChoices(): LanguageChoice[] {
  const named = CODES.map((code) => ({ code, label: ownName(code) }));
  return [
    { code: '', label: 'The room’s language' },
    { code: 'auto', label: 'Find out by itself' },
    ...named.sort((one, other) => one.label.localeCompare(other.label)),
  ];
}

function ownName(code: string): string {
  const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}
