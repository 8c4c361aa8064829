import type { SpeakerColours } from './colours.js';
import { find, instantiate, setText } from './dom.js';
import { Follow } from './follow.js';
import { displayName, initials } from './names.js';
import type { CaptionStore, Change, Segment } from './store.js';

/** After such a silence a speaker's name is shown again. */
const NEW_PARAGRAPH_MS = 60_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** The captions that are looked at: one row a segment, changed in place. */
export class CaptionsView {
  readonly #rows = new Map<string, HTMLElement>();
  readonly #list = find(document, '#caption-list', HTMLOListElement);
  readonly #empty = find(document, '#empty', HTMLElement);
  readonly #template = find(document, '#caption-template', HTMLTemplateElement);
  readonly #scroller = find(document, '#captions', HTMLElement);
  readonly #newest = find(document, '#newest-button', HTMLButtonElement);
  readonly #newestText = find(document, '#newest-text', HTMLElement);
  readonly #follow: Follow;
  #unseen = 0;

  constructor(
    private readonly store: CaptionStore,
    private readonly colours: SpeakerColours,
  ) {
    this.#follow = new Follow(this.#scroller, this.#list, () => this.#showNewestButton());
    this.#newest.addEventListener('click', () => this.#jump());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !this.#follow.following) this.#jump();
    });
  }

  show({ segment, index, added, dropped }: Change): void {
    for (const id of dropped) this.#removeRow(id);
    if (index < 0) this.#removeRow(segment.id);
    else if (added) this.#addRow(segment, index);
    else this.#fillRow(segment);
    this.#group(index);
    this.#empty.hidden = this.#rows.size > 0;
    if (added && !this.#follow.following) {
      this.#unseen += 1;
      this.#showNewestButton();
    }
  }

  /** What to say while there are no captions. */
  showEmpty(title: string, text: string): void {
    setText(find(this.#empty, '.empty-title', HTMLElement), title);
    setText(find(this.#empty, '.empty-text', HTMLElement), text);
  }

  clear(): void {
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#empty.hidden = false;
    this.#follow.jump();
  }

  #addRow(segment: Segment, index: number): void {
    const row = instantiate(this.#template);
    const name = displayName(segment.speaker.label);
    row.dataset['colour'] = String(this.colours.of(segment.speaker.voice));
    setText(find(row, '.avatar', HTMLElement), initials(name));
    setText(find(row, '.caption-name', HTMLElement), name);
    const time = find(row, 'time', HTMLTimeElement);
    const at = new Date(segment.at ?? Date.now());
    time.dateTime = at.toISOString();
    setText(time, clock.format(at));
    this.#rows.set(segment.id, row);
    const next = this.store.segments[index + 1];
    this.#list.insertBefore(row, next ? (this.#rows.get(next.id) ?? null) : null);
    this.#fillRow(segment);
  }

  #fillRow({ id, final, text, settled, language }: Segment): void {
    const row = this.#rows.get(id);
    if (!row) return;
    row.dataset['final'] = String(final);
    row.hidden = text.trim() === '';
    const words = find(row, '.caption-text', HTMLElement);
    if (language !== undefined) words.lang = language;
    // The space between the two would be marked as unsettled.
    const cut = settled === 0 ? 0 : text.length - text.slice(settled).trimStart().length;
    setText(find(words, '.settled', HTMLElement), text.slice(0, cut));
    setText(find(words, '.unsettled', HTMLElement), text.slice(cut));
  }

  #removeRow(id: string): void {
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
  }

  /** Captions that follow one another from the same speaker stand under one name. */
  #group(index: number): void {
    const { segments } = this.store;
    for (const place of index < 0 ? segments.keys() : [index, index + 1, 0]) {
      const segment = segments[place];
      if (!segment) continue;
      const row = this.#rows.get(segment.id);
      row?.classList.toggle('continues', continues(segments[place - 1], segment));
    }
  }

  #jump(): void {
    this.#follow.jump();
    this.#scroller.focus({ preventScroll: true });
  }

  #showNewestButton(): void {
    if (this.#follow.following) this.#unseen = 0;
    // The focus must not fall out of the page with the button that had it.
    if (this.#follow.following && document.activeElement === this.#newest) this.#scroller.focus();
    this.#newest.hidden = this.#follow.following;
    const unseen = this.#unseen > 0 ? ` (${this.#unseen})` : '';
    setText(this.#newestText, `Jump to the newest${unseen}`);
  }
}

function continues(before: Segment | undefined, segment: Segment): boolean {
  if (before?.speaker.voice !== segment.speaker.voice) return false;
  return (segment.at ?? 0) - (before.at ?? segment.at ?? 0) < NEW_PARAGRAPH_MS;
}
