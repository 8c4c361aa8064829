import {
  captionParts,
  type CaptionSegment,
  displayName,
  overlap,
} from 'livekit-pulse-captions/client';
import type { SpeakerColours } from './colours.js';
import { find, instantiate, setText } from './dom.js';
import { Follow } from './follow.js';
import { initials } from './initials.js';
import { Search } from './search.js';

/** After such a silence a speaker's name is shown again. */
const NEW_PARAGRAPH_MS = 60_000;
const MARKED = 'found';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

interface Row {
  readonly element: HTMLElement;
  segment: CaptionSegment;
}

/** What was said: one row a segment, changed in place, that can be searched. */
export class TranscriptView {
  readonly #rows = new Map<string, Row>();
  readonly #list = find(document, '#caption-list', HTMLOListElement);
  readonly #empty = find(document, '#empty', HTMLElement);
  readonly #template = find(document, '#caption-template', HTMLTemplateElement);
  readonly #scroller = find(document, '#captions', HTMLElement);
  readonly #newest = find(document, '#newest-button', HTMLButtonElement);
  readonly #newestText = find(document, '#newest-text', HTMLElement);
  readonly #field = find(document, '#search', HTMLInputElement);
  readonly #found = find(document, '#search-found', HTMLElement);
  readonly #download = find(document, '#download-button', HTMLButtonElement);
  readonly #follow: Follow;
  readonly #search = new Search();
  #unseen = 0;

  constructor(
    private readonly colours: SpeakerColours,
    onDownload: () => void,
  ) {
    this.#follow = new Follow(this.#scroller, this.#list, () => this.#showNewestButton());
    this.#newest.addEventListener('click', () => this.#jump());
    this.#download.addEventListener('click', onDownload);
    this.#field.addEventListener('input', () => this.#look(this.#field.value));
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.#field.value === '') return;
      event.stopPropagation();
      this.#field.value = '';
      this.#look('');
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !this.#follow.following) this.#jump();
    });
  }

  show(segments: readonly CaptionSegment[]): void {
    const ids = new Set(segments.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#removeRow(id);
    for (const [index, segment] of segments.entries()) {
      const { element } = this.#rowOf(segment);
      if (this.#list.children[index] !== element) {
        this.#list.insertBefore(element, this.#list.children[index] ?? null);
      }
      const before = segments[index - 1];
      element.classList.toggle('continues', continues(before, segment));
      element.classList.toggle('overlaps', before !== undefined && overlap(before, segment));
    }
    this.#empty.hidden = segments.length > 0;
    this.#download.disabled = !segments.some(({ final }) => final);
    if (this.#search.active) this.#filter();
    this.#showNewestButton();
  }

  /** What to say while there are no captions. */
  showEmpty(title: string, text: string): void {
    setText(find(this.#empty, '.empty-title', HTMLElement), title);
    setText(find(this.#empty, '.empty-text', HTMLElement), text);
  }

  /** As if nobody had read anything. */
  reset(): void {
    this.#field.value = '';
    this.#look('');
    this.#follow.jump();
  }

  #rowOf(segment: CaptionSegment): Row {
    const known = this.#rows.get(segment.id);
    if (known?.segment === segment) return known;
    const row = known ?? { element: this.#newRow(segment), segment };
    row.segment = segment;
    this.#rows.set(segment.id, row);
    this.#fill(row);
    if (!known && !this.#follow.following && segment.news) this.#unseen += 1;
    return row;
  }

  #newRow({ speaker }: CaptionSegment): HTMLElement {
    const row = instantiate(this.#template);
    row.dataset['colour'] = String(this.colours.of(speaker.voice));
    return row;
  }

  #fill({ element, segment }: Row): void {
    const { final, text, language, at, speaker } = segment;
    const name = displayName(speaker.label);
    setText(find(element, '.avatar', HTMLElement), initials(name));
    setText(find(element, '.caption-name', HTMLElement), name);
    const time = find(element, 'time', HTMLTimeElement);
    time.dateTime = new Date(at).toISOString();
    setText(time, clock.format(at));
    element.dataset['final'] = String(final);
    element.hidden = text.trim() === '';
    const words = find(element, '.caption-text', HTMLElement);
    if (language !== undefined) words.lang = language;
    const [settled, unsettled] = captionParts(segment);
    setText(find(words, '.settled', HTMLElement), settled);
    setText(find(words, '.unsettled', HTMLElement), unsettled);
  }

  #removeRow(id: string): void {
    this.#rows.get(id)?.element.remove();
    this.#rows.delete(id);
  }

  #look(words: string): void {
    this.#search.words = words;
    this.#list.classList.toggle('searched', this.#search.active);
    this.#filter();
    this.#follow.jump();
  }

  #filter(): void {
    let found = 0;
    const ranges: Range[] = [];
    for (const { element, segment } of this.#rows.values()) {
      const matches = this.#search.matches(segment.text, segment.speaker.label);
      element.classList.toggle('not-found', !matches);
      if (!matches) continue;
      found += 1;
      const texts = document.createTreeWalker(
        find(element, '.caption-text', HTMLElement),
        NodeFilter.SHOW_TEXT,
      );
      while (texts.nextNode()) ranges.push(...this.#search.rangesIn(texts.currentNode));
    }
    // Marks them without touching the document; where a browser cannot, the rows that are left are mark enough.
    if ('highlights' in CSS) CSS.highlights.set(MARKED, new Highlight(...ranges));
    setText(this.#found, this.#search.active ? `${found === 0 ? 'None' : found} found` : '');
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

/** Captions that follow one another from the same speaker stand under one name. */
function continues(before: CaptionSegment | undefined, segment: CaptionSegment): boolean {
  if (before?.speaker.voice !== segment.speaker.voice) return false;
  return segment.at - before.at < NEW_PARAGRAPH_MS;
}
