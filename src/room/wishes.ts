import type { PulseRecognition } from '../pulse/options.js';
import type { PulseChanges } from '../pulse/stream.js';
import { excerpt } from './excerpt.js';
import { LANGUAGE_LIST, readLanguage } from './language.js';
import { readSettings, type ReadSettings, type RoomSettings } from './settings.js';

/** The attributes by which a person, or the app for them, says what they want. */
const ENABLED = 'captions.enabled';
const LANGUAGE = 'captions.language';

interface PersonalWishes {
  readonly optedOut: boolean;
  readonly language: string | undefined;
  readonly fault: string | undefined;
}

const NOTHING: ReadSettings = { settings: {}, faults: [] };

/** Options of a running stream that the room, or its people, decide about. */
export interface Recognition extends Pick<
  PulseChanges,
  'keywords' | 'redactPii' | 'redactPci' | 'diarize'
> {
  readonly language: string;
}

/**
 * What is wanted of the captions of a room, by whoever has a say. Of each setting the room's metadata counts before the
 * dispatch's, and that before the environment. For the language of one person their attribute counts first, then
 * `languages`, then `language`, each in that same order. A wrong wish leaves the one before it.
 */
export class Wishes {
  readonly #environment: PulseRecognition;
  readonly #people = new Map<string, PersonalWishes>();
  /** Languages that the service refused. */
  readonly #refused = new Set<string>();
  #room = NOTHING;
  #dispatch = NOTHING;

  /** @param dispatch metadata of the dispatch; empty where there is none */
  constructor(environment: PulseRecognition, dispatch = '') {
    this.#environment = environment;
    this.#dispatch = readSettings(dispatch, 'dispatch metadata');
  }

  /** Takes the room's metadata, as it is now. */
  roomAsks(metadata: string): void {
    this.#room = readSettings(metadata, 'room metadata', this.#room.settings);
  }

  /** Takes a person's attributes, as they are now. */
  personAsks(identity: string, attributes: Readonly<Record<string, string>>): void {
    const asked = attributes[LANGUAGE]?.trim() ?? '';
    const known = readLanguage(asked);
    const wrong = asked !== '' && known === undefined;
    this.#people.set(identity, {
      optedOut: isOptedOut(attributes[ENABLED]),
      language: wrong ? this.#people.get(identity)?.language : known,
      fault: wrong ? unknown(asked) : undefined,
    });
  }

  personLeft(identity: string): void {
    this.#people.delete(identity);
  }

  /** The service does not have it, whoever asks. */
  languageRefused(language: string): void {
    this.#refused.add(readLanguage(language) ?? language);
  }

  /** Whether the room is to have captions at all. */
  get enabled(): boolean {
    return this.#setting('enabled') ?? true;
  }

  optedOut(identity: string): boolean {
    return this.#people.get(identity)?.optedOut ?? false;
  }

  /** The room's own language: of people who have no wish. */
  get language(): string {
    return this.#available([this.#room.settings.language, this.#dispatch.settings.language]);
  }

  languageOf(identity: string): string {
    const [room, dispatch] = [this.#room.settings, this.#dispatch.settings];
    return this.#available([
      this.#people.get(identity)?.language,
      room.languages?.get(identity),
      dispatch.languages?.get(identity),
      room.language,
      dispatch.language,
    ]);
  }

  /** What differs from the environment's options for this person, and may change while they speak. */
  recognitionOf(identity: string): Recognition {
    const { redactPii, redactPci, diarize, keywords } = this.#environment;
    const redact = this.#setting('redact');
    return {
      language: this.languageOf(identity),
      redactPii: redact ?? redactPii,
      redactPci: redact ?? redactPci,
      diarize: this.#setting('diarize') ?? diarize,
      keywords: (this.#setting('keywords') ?? keywords) || undefined,
    };
  }

  /** What is wrong with what was asked for, for people and the log. */
  get faults(): string[] {
    const people = [...this.#people.values()].flatMap(({ fault }) => fault ?? []);
    const refused = [...this.#refused].filter((language) => this.#isAsked(language));
    return [
      ...this.#room.faults,
      ...this.#dispatch.faults,
      ...new Set(people),
      ...refused.map((language) => `The speech service refuses the language ${language} here.`),
    ];
  }

  #setting<Name extends keyof RoomSettings>(name: Name): RoomSettings[Name] {
    return this.#room.settings[name] ?? this.#dispatch.settings[name];
  }

  #available(wanted: readonly (string | undefined)[]): string {
    const found = wanted.find((language) => language && !this.#refused.has(language));
    return found ?? readLanguage(this.#environment.language) ?? 'en';
  }

  #isAsked(language: string): boolean {
    const asked = [this.#room.settings, this.#dispatch.settings].flatMap((settings) => [
      settings.language,
      ...(settings.languages?.values() ?? []),
    ]);
    return [...asked, ...Array.from(this.#people.values(), (wish) => wish.language)].includes(
      language,
    );
  }
}

/** A wish to be left out holds in doubt: only no value, or `true`, is a yes. */
function isOptedOut(value = ''): boolean {
  return !['', 'true'].includes(value.trim().toLowerCase());
}

function unknown(asked: string): string {
  return `Somebody asks for the language "${excerpt(asked)}", which is not there; there are ${LANGUAGE_LIST}.`;
}
