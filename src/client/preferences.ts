import { parseJson } from './guards.js';
import { CHOICES, type CaptionPreferences, DEFAULTS } from './presets.js';

const KEY = 'livekit-pulse-captions';
/** Tells the other overlays of the same page, which get no `storage` event. */
const EVENT = 'room-captions-preferences';

/** A reader's choices, the same in every tab of the browser. Without a storage they last as long as the page. */
export class Preferences {
  #current: CaptionPreferences;
  #listening: AbortController | undefined;

  constructor(private readonly onChange: () => void) {
    this.#current = load() ?? DEFAULTS;
  }

  get current(): CaptionPreferences {
    return this.#current;
  }

  choose(choice: Partial<Record<keyof CaptionPreferences, unknown>>): void {
    this.#current = checked({ ...this.#current, ...choice });
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#current));
    } catch {
      // Full, or not allowed.
    }
    dispatchEvent(new CustomEvent(EVENT, { detail: this.#current }));
  }

  reset(): void {
    this.choose(DEFAULTS);
  }

  /** Until `stop`, changes that are made elsewhere count too. */
  listen(): void {
    this.#listening ??= new AbortController();
    const { signal } = this.#listening;
    addEventListener(
      'storage',
      ({ key }) => {
        // Null: everything was deleted.
        if (key === KEY || key === null) this.#take(load() ?? DEFAULTS);
      },
      { signal },
    );
    addEventListener(EVENT, (event) => this.#take(checked((event as CustomEvent).detail)), {
      signal,
    });
    this.#take(load() ?? this.#current);
  }

  stop(): void {
    this.#listening?.abort();
    this.#listening = undefined;
  }

  #take(preferences: CaptionPreferences): void {
    this.#current = preferences;
    this.onChange();
  }
}

function load(): CaptionPreferences | undefined {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === null ? undefined : checked(parseJson(stored));
  } catch {
    return undefined;
  }
}

/** What is none of the choices gives way to the default: versions differ, and anybody can write there. */
function checked(given: unknown): CaptionPreferences {
  const wishes = Object(given) as Partial<Record<string, unknown>>;
  const entries = Object.entries(CHOICES).map(([name, choices]) => {
    const wish = wishes[name];
    const key = Object.keys(choices).find((one) => one === String(wish));
    return [name, key ?? DEFAULTS[name as keyof CaptionPreferences]];
  });
  const all = Object.fromEntries(entries) as Record<keyof CaptionPreferences, string>;
  return { ...all, lines: Number(all.lines) } as CaptionPreferences;
}
