import type { CaptionSegment } from './caption-store.js';
import { make, setText } from './dom.js';
import type { Block } from './layout.js';
import { displayName } from './names.js';
import { captionParts } from './parts.js';

/** The captions of the moment. Drawn anew by place: what stays the same is left alone. */
export class Overlay {
  /** Read by eye only: screen readers have the live region. */
  readonly element = make('div', { part: 'overlay', 'aria-hidden': 'true' });

  show(blocks: readonly Block[]): void {
    const { children } = this.element;
    while (children.length > blocks.length) children[0]?.remove();
    while (children.length < blocks.length) this.element.append(newBlock());
    for (const [index, block] of blocks.entries()) fillBlock(children[index] as HTMLElement, block);
    this.element.classList.toggle(
      'together',
      blocks.some(({ overlapping }) => overlapping),
    );
  }
}

function newBlock(): HTMLElement {
  return make(
    'div',
    { part: 'block' },
    make('bdi', { part: 'speaker' }),
    make('div', { class: 'clip' }, make('p', { part: 'text', dir: 'auto' })),
  );
}

function fillBlock(block: HTMLElement, { segments, lines, overlapping }: Block): void {
  const [speaker, clip] = block.children as unknown as [HTMLElement, HTMLElement];
  const words = clip.firstElementChild as HTMLElement;
  setText(speaker, displayName(segments[0]?.speaker.label ?? ''));
  block.part.toggle('overlapping', overlapping);
  clip.style.setProperty('--n', String(lines));
  while (words.childElementCount > segments.length) words.lastElementChild?.remove();
  while (words.childElementCount < segments.length) {
    words.append(
      make('span', {}, make('span', { part: 'settled' }), make('span', { part: 'unsettled' }), ' '),
    );
  }
  for (const [index, segment] of segments.entries()) {
    fillSegment(words.children[index] as HTMLElement, segment);
  }
}

function fillSegment(element: HTMLElement, segment: CaptionSegment): void {
  element.lang = segment.language ?? '';
  for (const [index, part] of captionParts(segment).entries()) {
    setText(element.children[index] as HTMLElement, part);
  }
}
