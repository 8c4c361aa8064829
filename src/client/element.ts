import type { CaptionSegment } from './caption-store.js';
import { make } from './dom.js';
import { layOut } from './layout.js';
import { LiveRegion } from './live-region.js';
import { Overlay } from './overlay.js';
import { Preferences } from './preferences.js';
import { COLOURS, GROUNDS, SIZES } from './presets.js';
import type { CaptionRoom } from './room.js';
import { RoomCaptions } from './room-captions.js';
import { Settings } from './settings.js';
import { STYLES } from './styles.js';
import { type CaptionTexts, ENGLISH } from './texts.js';

export type { CaptionPreferences } from './presets.js';
export type { CaptionTexts } from './texts.js';

/** How long a caption stays after it last changed, in milliseconds. */
const LINGER_MS = 8000;

/** Servers that render pages import this too, and have no elements. */
const Base = 'HTMLElement' in globalThis ? HTMLElement : (Object as unknown as typeof HTMLElement);

/**
 * `<room-captions>`: captions over whatever it lies in (an element with a position of its own), and a button for how
 * they look, which is remembered. Set `room`, or `captions` where a `RoomCaptions` is shared.
 *
 * Attributes: `speaker`: only what the participant of this identity says; `quiet`: no live region, where the app has
 * one already; `no-settings`: no button; `linger`: milliseconds for which a caption stays, 8000 unless set.
 */
export class RoomCaptionsElement extends Base {
  /** Its words, for other languages. To be set before it is in the document. */
  texts: CaptionTexts = ENGLISH;
  #room: CaptionRoom | undefined;
  #given: RoomCaptions | undefined;
  #own: RoomCaptions | undefined;
  #end: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When each segment that may be on the screen last changed. */
  #changes = new Map<string, { readonly segment: CaptionSegment; readonly at: number }>();
  readonly #preferences = new Preferences(() => this.#dress());
  readonly #overlay = new Overlay();
  #aloud: LiveRegion | undefined;
  #settings: Settings | undefined;

  get room(): CaptionRoom | undefined {
    return this.#room;
  }

  set room(room: CaptionRoom | undefined) {
    this.#room = room;
    if (this.isConnected) this.#restart();
  }

  get captions(): RoomCaptions | undefined {
    return this.#given ?? this.#own;
  }

  set captions(captions: RoomCaptions | undefined) {
    this.#given = captions;
    if (this.isConnected) this.#restart();
  }

  openSettings(): void {
    this.#settings?.panel.showPopover();
  }

  connectedCallback(): void {
    if (!this.shadowRoot) this.#build();
    this.#preferences.listen();
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#preferences.stop();
    this.#stop();
  }

  #build(): void {
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    this.#settings = new Settings(this.#preferences, this.texts);
    const { button, panel } = this.#settings;
    root.append(this.#overlay.element);
    if (!this.hasAttribute('quiet')) {
      const log = make('div', { class: 'log', role: 'log', 'aria-label': this.texts.captions });
      this.#aloud = new LiveRegion(log);
      root.append(log);
    }
    if (this.hasAttribute('no-settings')) button.hidden = true;
    root.append(button, panel);
  }

  #restart(): void {
    this.#stop();
    if (!this.#given && this.#room) this.#own = new RoomCaptions(this.#room);
    const { captions } = this;
    this.#end = captions?.subscribe(() => this.#show());
    // What was over before we looked is not news here.
    for (const segment of captions?.getSnapshot().segments ?? []) {
      if (segment.final) this.#changes.set(segment.id, { segment, at: -Infinity });
    }
    this.#show();
  }

  #stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.#own?.close();
    this.#own = undefined;
    clearTimeout(this.#timer);
    this.#changes.clear();
    this.#aloud?.clear();
    this.#overlay.show([]);
  }

  #dress(): void {
    const { size, colours, ground } = this.#preferences.current;
    const { style } = this;
    style.setProperty('--scale', String(SIZES[size]));
    style.setProperty('--cover', `${GROUNDS[ground] * 100}%`);
    // The first is the app's to theme.
    const [text, back] = colours === 'white' ? ['', ''] : COLOURS[colours];
    style.setProperty('--text', text);
    style.setProperty('--ground', back);
    this.#settings?.show();
    this.#show();
  }

  #show(): void {
    clearTimeout(this.#timer);
    const speaker = this.getAttribute('speaker');
    const all = this.captions?.getSnapshot().segments ?? [];
    const mine = speaker === null ? all : all.filter((one) => one.speaker.identity === speaker);
    this.#aloud?.show(mine);
    const fresh = this.#fresh(mine);
    this.#overlay.show(layOut(fresh, this.#preferences.current));
  }

  /** What is on the screen now; comes back when the first of it has to go. */
  #fresh(segments: readonly CaptionSegment[]): CaptionSegment[] {
    const now = performance.now();
    const linger = Number(this.getAttribute('linger') ?? LINGER_MS) || LINGER_MS;
    const before = this.#changes;
    this.#changes = new Map();
    let next = Infinity;
    const fresh = segments.filter((segment) => {
      if (!segment.news) return false;
      const known = before.get(segment.id);
      const at = known && same(known.segment, segment) ? known.at : now;
      this.#changes.set(segment.id, { segment, at });
      if (now - at >= linger) return false;
      next = Math.min(next, at + linger - now);
      return true;
    });
    if (next < Infinity) this.#timer = setTimeout(() => this.#show(), next + 1);
    return fresh;
  }
}

/** A clock that is set right, or a label, is no reason to show an old caption again. */
function same(one: CaptionSegment, other: CaptionSegment): boolean {
  return one.text === other.text && one.final === other.final;
}

/** Makes `<room-captions>` known to the browser. Does nothing where it is known, or where there is no browser. */
export function defineRoomCaptions(name = 'room-captions'): void {
  if (!('customElements' in globalThis) || customElements.get(name)) return;
  customElements.define(name, RoomCaptionsElement);
}

declare global {
  interface HTMLElementTagNameMap {
    'room-captions': RoomCaptionsElement;
  }
}
