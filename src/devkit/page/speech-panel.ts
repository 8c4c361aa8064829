import type { OwnCaptions } from 'livekit-pulse-captions/client';
import { find, setText } from './dom.js';
import { languageChoices } from './languages.js';

/** What I want of my own captions: the language that I speak, and whether I am captioned at all. */
export class SpeechPanel {
  readonly #button = find(document, '#speech-button', HTMLButtonElement);
  readonly #language = find(document, '#own-language', HTMLSelectElement);
  readonly #enabled = find(document, '#own-captions', HTMLInputElement);
  readonly #problem = find(document, '#speech-problem', HTMLElement);

  /** @param choose rejects when it could not be told to the room */
  constructor(private readonly choose: (wish: Partial<OwnCaptions>) => Promise<void>) {
    for (const { code, label } of languageChoices()) {
      const option = new Option(label, code);
      if (code !== '' && code !== 'auto') option.lang = code;
      this.#language.append(option);
    }
    this.#language.addEventListener('change', () => {
      void this.#tell({ language: this.#language.value });
    });
    this.#enabled.addEventListener('change', () => {
      void this.#tell({ enabled: this.#enabled.checked });
    });
  }

  show({ language = '', enabled }: OwnCaptions): void {
    // An app may have set one that is not in our list.
    if (!Array.from(this.#language.options).some(({ value }) => value === language)) {
      this.#language.append(new Option(language, language));
    }
    this.#language.value = language;
    this.#enabled.checked = enabled;
    this.#button.dataset['on'] = String(enabled);
    setText(
      find(this.#button, '#speech-text', HTMLElement),
      enabled ? 'My speech' : 'Not captioned',
    );
  }

  async #tell(wish: Partial<OwnCaptions>): Promise<void> {
    try {
      await this.choose(wish);
      this.#problem.hidden = true;
    } catch (error) {
      const said = error instanceof Error ? error.message : '';
      setText(this.#problem, `The room did not take it. Try again in a moment. ${said}`);
      this.#problem.hidden = false;
    }
  }
}
