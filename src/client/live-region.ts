import type { CaptionSegment } from './caption-store.js';
import { make } from './dom.js';
import { displayName } from './names.js';

/** Enough for a screen reader that lags behind; more would only be read again by whoever browses the page. */
const KEPT = 5;

/** Has screen readers read captions aloud: each once, when it is final, with its speaker. Never the backlog. */
export class LiveRegion {
  /** Ids of what was final when it was last looked at. */
  #finals: ReadonlySet<string> | undefined;

  /** @param lines an element with `aria-live`, in the document */
  constructor(private readonly lines: HTMLElement) {}

  /** Reads what has become final since the last time; the first time nothing. */
  show(segments: readonly CaptionSegment[]): void {
    const before = this.#finals;
    const finals = segments.filter(({ final, news }) => final && news);
    this.#finals = new Set(finals.map(({ id }) => id));
    if (segments.length === 0) this.lines.replaceChildren();
    if (!before) return;
    for (const segment of finals) {
      if (!before.has(segment.id)) this.#announce(segment);
    }
  }

  clear(): void {
    this.#finals = undefined;
    this.lines.replaceChildren();
  }

  #announce({ speaker, text, language }: CaptionSegment): void {
    const words = make(
      'span',
      { dir: 'auto', ...(language !== undefined && { lang: language }) },
      text,
    );
    this.lines.append(make('p', {}, make('bdi', {}, displayName(speaker.label)), ': ', words));
    while (this.lines.childElementCount > KEPT) this.lines.firstElementChild?.remove();
  }
}
