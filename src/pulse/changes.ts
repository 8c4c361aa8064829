import type { PulseError } from './errors.js';

/** New options wait for a pause, but not for ever. */
const BY_MS = 10_000;

/** New options of a stream, from when they are asked for until a connection has them. */
export class PendingChanges {
  /** Interims are not passed on: they may show what finals redact. */
  finalsOnly: boolean;
  #since: number | undefined;
  #languageUnproven = false;

  constructor(finalsOnly: boolean) {
    this.finalsOnly = finalsOnly;
  }

  /** A new language was asked for, and no connection in it has said anything yet. */
  get languageUnproven(): boolean {
    return this.#languageUnproven;
  }

  /** Whether the connection that is open or under way was asked for with older options. */
  get pending(): boolean {
    return this.#since !== undefined;
  }

  /** When the newer options are due, whatever is being said. */
  get deadline(): number {
    return this.#since === undefined ? Number.POSITIVE_INFINITY : this.#since + BY_MS;
  }

  /**
   * @param open whether there is a connection that was asked for with the older options
   * @returns whether what is shown has to be redacted from now on
   */
  ask(asked: { finalsOnly: boolean; newLanguage: boolean }, open: boolean, now: number): boolean {
    const redacts = asked.finalsOnly && !this.finalsOnly;
    this.finalsOnly = asked.finalsOnly;
    this.#languageUnproven ||= asked.newLanguage;
    // What is to be redacted does not wait for a pause: until then it would come as it was said.
    if (open) this.#since = redacts ? now - BY_MS : (this.#since ?? now);
    return redacts;
  }

  /** A connection is asked for with the newest options. */
  connecting(): void {
    this.#since = undefined;
  }

  /** The server has said something about the audio. */
  heard(): void {
    if (!this.pending) this.#languageUnproven = false;
  }

  /** @returns whether the service does not have the new language, so that the one before it is to be asked for */
  takeLanguageBack({ code }: PulseError): boolean {
    const refused = code === 'language_region' || code === 'bad_options';
    if (!refused || !this.#languageUnproven) return false;
    this.#languageUnproven = false;
    return true;
  }
}
