import { displayName } from './names.js';
import type { Segment } from './store.js';

/** Enough for a screen reader that lags behind; more would only be read again by whoever browses the page. */
const KEPT = 5;

/** Reads captions aloud: each once, when it is final, with its speaker. */
export class LiveRegion {
  constructor(private readonly lines: HTMLElement) {}

  announce({ speaker, text, language }: Segment): void {
    const line = document.createElement('p');
    const name = document.createElement('bdi');
    name.textContent = displayName(speaker.label);
    const words = document.createElement('span');
    words.dir = 'auto';
    if (language !== undefined) words.lang = language;
    words.textContent = text;
    line.append(name, ': ', words);
    this.lines.append(line);
    while (this.lines.childElementCount > KEPT) this.lines.firstElementChild?.remove();
  }

  clear(): void {
    this.lines.replaceChildren();
  }
}
