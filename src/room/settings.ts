import { streamOptionFaults } from '../pulse/options.js';
import { excerpt } from './excerpt.js';
import { LANGUAGE_LIST, readLanguage } from './language.js';

/** What an app asks of the captions of a room. What it leaves out is undefined. */
export interface RoomSettings {
  readonly enabled?: boolean;
  /** Pulse's name of it. */
  readonly language?: string;
  /** By identity. */
  readonly languages?: ReadonlyMap<string, string>;
  /** As the recogniser takes them: `Blackwell:1,Jensen Huang:2`. Empty: none. */
  readonly keywords?: string;
  readonly redact?: boolean;
  readonly diarize?: boolean;
}

export interface ReadSettings {
  readonly settings: RoomSettings;
  /** What is wrong, for people and the log: short sentences without a hostile character. */
  readonly faults: readonly string[];
}

/** More than LiveKit takes as metadata. */
const LONGEST_TEXT = 512 * 1024;
const MOST_LANGUAGES = 1000;
const MOST_FAULTS = 20;
/** Of a URL that servers take: keywords travel in the socket's address. */
const LONGEST_KEYWORDS = 6000;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads metadata: JSON with a key `captions`, of which unknown keys are ignored. The metadata of a dispatch may also be
 * that object itself. What is wrong keeps the value from `before`, and the rest holds; a text that cannot be read at all
 * changes nothing.
 * @param source how a fault names it, such as `room metadata`
 */
export function readSettings(
  text: string,
  source: 'room metadata' | 'dispatch metadata',
  before: RoomSettings = {},
): ReadSettings {
  const unreadable = (problem: string): ReadSettings => ({
    settings: before,
    faults: [`The ${source} ${problem}.`],
  });
  if (text.trim() === '') return { settings: {}, faults: [] };
  if (text.length > LONGEST_TEXT) return unreadable('is too long to be read');
  const parsed = parseJson(text);
  if (parsed === undefined) return unreadable('is not JSON');
  const whole = asObject(parsed);
  const given = whole && Object.hasOwn(whole, 'captions') ? whole['captions'] : bare(whole, source);
  if (given === undefined || given === null) return { settings: {}, faults: [] };
  const captions = asObject(given);
  if (!captions) return unreadable('has a key captions that is not an object');
  return readObject(captions, source, before);
}

function bare(whole: Json | undefined, source: string): Json | undefined {
  return source === 'dispatch metadata' ? whole : undefined;
}

function readObject(captions: Json, source: string, before: RoomSettings): ReadSettings {
  const faults = new Set<string>();
  const fault = (problem: string): void => {
    if (faults.size < MOST_FAULTS) faults.add(`The ${source} ${problem}.`);
  };

  /** @param understand returns undefined for what it does not understand, and reports it */
  const read = <Value>(
    name: keyof RoomSettings,
    old: Value | undefined,
    understand: (value: unknown) => Value | undefined,
  ): Value | undefined => {
    const value = Object.hasOwn(captions, name) ? captions[name] : undefined;
    return value === undefined || value === null ? undefined : (understand(value) ?? old);
  };
  const flag = (name: 'enabled' | 'redact' | 'diarize'): boolean | undefined =>
    read(name, before[name], (value) => {
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      fault(`has a ${name} that is neither true nor false`);
      return undefined;
    });
  const language = (value: unknown): string | undefined => {
    const known = readLanguage(value);
    if (known === undefined) fault(unknownLanguage(value));
    return known;
  };

  const settings = {
    enabled: flag('enabled'),
    language: read('language', before.language, language),
    languages: read('languages', before.languages, (value) =>
      readLanguages(value, before.languages, language, fault),
    ),
    keywords: read('keywords', before.keywords, (value) => readKeywords(value, fault)),
    redact: flag('redact'),
    diarize: flag('diarize'),
  };
  return { settings: withoutUndefined(settings), faults: [...faults] };
}

function readLanguages(
  value: unknown,
  before: RoomSettings['languages'],
  language: (value: unknown) => string | undefined,
  fault: (problem: string) => void,
): ReadonlyMap<string, string> | undefined {
  const given = asObject(value);
  if (!given) {
    fault('has languages that are not an object of identities and codes');
    return undefined;
  }
  const entries = Object.entries(given);
  if (entries.length > MOST_LANGUAGES) {
    fault(`has more than ${MOST_LANGUAGES} languages, of which the first are taken`);
  }
  const languages = new Map<string, string>();
  for (const [identity, code] of entries.slice(0, MOST_LANGUAGES)) {
    const known = language(code) ?? before?.get(identity);
    if (known !== undefined) languages.set(identity, known);
  }
  return languages;
}

function readKeywords(value: unknown, fault: (problem: string) => void): string | undefined {
  const given = typeof value === 'string' ? value.split(',').filter(Boolean) : value;
  if (!Array.isArray(given)) {
    fault('has keywords that are not a list such as ["Blackwell:1"]');
    return undefined;
  }
  const kept: string[] = [];
  let length = 0;
  for (const entry of given as readonly unknown[]) {
    if (typeof entry !== 'string' || !isKeyword(entry)) {
      const shown = typeof entry === 'string' ? ` "${excerpt(entry)}"` : '';
      fault(`has a keyword${shown} that is not like "Blackwell:1", with a weight of at most 5`);
      continue;
    }
    const keyword = entry.trim();
    length += urlLength(keyword);
    if (length > LONGEST_KEYWORDS) {
      fault('has more keywords than the speech service takes: the last ones are left out');
      break;
    }
    kept.push(keyword);
  }
  return kept.join(',');
}

function isKeyword(entry: string): boolean {
  if (entry.includes(',') || /[\p{Cc}\p{Cs}]/u.test(entry)) return false;
  return entry.length <= LONGEST_KEYWORDS && streamOptionFaults({ keywords: entry }).length === 0;
}

function urlLength(text: string): number {
  return encodeURIComponent(text).length + 3;
}

function unknownLanguage(value: unknown): string {
  const shown = typeof value === 'string' ? `"${excerpt(value)}"` : 'something else than text';
  return `asks for the language ${shown}, which is not there; there are ${LANGUAGE_LIST}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

function withoutUndefined(settings: {
  readonly [Name in keyof RoomSettings]-?: RoomSettings[Name] | undefined;
}): RoomSettings {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}
