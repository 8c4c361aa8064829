/** In which language each person is heard, to tell when that changes. */
export class HeardLanguages {
  readonly #default: string;
  readonly #languages = new Map<string, string>();

  /** @param byDefault what people are heard in of whom nothing else is said */
  constructor(byDefault: string) {
    this.#default = byDefault;
  }

  /** @returns whether it is another one than before, at first than the default */
  hear(identity: string, language: string): boolean {
    const before = this.#languages.get(identity) ?? this.#default;
    this.#languages.set(identity, language);
    return language !== before;
  }

  left(identity: string): void {
    this.#languages.delete(identity);
  }
}
