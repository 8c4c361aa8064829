/** Pixels within which a scroll position counts as the end: zoomed pages have fractions of them. */
const SLACK = 4;

/**
 * Keeps the newest at the bottom of a scroller in view, until the reader scrolls up; then leaves them in peace
 * until they come back to the end.
 */
export class Follow {
  #following = true;
  #lastTop = 0;

  constructor(
    private readonly scroller: HTMLElement,
    content: HTMLElement,
    private readonly onChange: (following: boolean) => void,
  ) {
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // A turned phone, larger text, a banner above: the end moves without a new caption.
    const observer = new ResizeObserver(() => this.#keepUp());
    observer.observe(scroller);
    observer.observe(content);
  }

  get following(): boolean {
    return this.#following;
  }

  /** Back to the end, and on with following. */
  jump(): void {
    this.#set(true);
    this.#keepUp();
  }

  #keepUp(): void {
    if (!this.#following) return;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const upwards = scrollTop < this.#lastTop;
    this.#lastTop = scrollTop;
    // A text that became shorter moves the view up too, but leaves it at the end.
    if (scrollHeight - clientHeight - scrollTop <= SLACK) this.#set(true);
    else if (upwards) this.#set(false);
  }

  #set(following: boolean): void {
    if (following === this.#following) return;
    this.#following = following;
    this.onChange(following);
  }
}
