import { type Captioner, displayName } from 'livekit-pulse-captions/client';
import { captionerTexts } from './captioner-texts.js';
import { find, setText } from './dom.js';
import type { Problem } from './problems.js';
import type { TranscriptView } from './transcript-view.js';

export interface RoomActions {
  setMicrophone(on: boolean): void;
  startSound(): void;
  leave(): void;
  rejoin(): void;
}

/** The frame around tiles and transcript: who you are, the captioner's state, buttons, and what went wrong. */
export class RoomView {
  readonly #view = find(document, '#room-view', HTMLElement);
  readonly #title = find(document, '#room-title', HTMLElement);
  readonly #captioner = find(document, '#captioner', HTMLElement);
  readonly #reason = find(document, '#captioner-reason', HTMLElement);
  readonly #list = find(document, '#caption-list', HTMLElement);
  readonly #connectionBanner = find(document, '#connection-banner', HTMLElement);
  readonly #rejoin = find(document, '#rejoin-button', HTMLButtonElement);
  readonly #microphoneBanner = find(document, '#microphone-banner', HTMLElement);
  readonly #soundBanner = find(document, '#sound-banner', HTMLElement);
  readonly #microphone = find(document, '#microphone-button', HTMLButtonElement);
  /** What is told to those who do not see the page change. */
  readonly #status = find(document, '#spoken-status', HTMLElement);

  constructor(
    private readonly transcript: TranscriptView,
    actions: RoomActions,
  ) {
    this.#microphone.addEventListener('click', () => {
      if (this.#microphone.ariaDisabled === 'true') return;
      actions.setMicrophone(this.#microphone.dataset['on'] !== 'true');
    });
    find(document, '#leave-button', HTMLButtonElement).addEventListener('click', () =>
      actions.leave(),
    );
    this.#rejoin.addEventListener('click', () => actions.rejoin());
    find(document, '#sound-button', HTMLButtonElement).addEventListener('click', () =>
      actions.startSound(),
    );
    find(document, '#microphone-dismiss', HTMLButtonElement).addEventListener('click', () => {
      this.showMicrophoneProblem(undefined);
      this.#microphone.focus();
    });
  }

  show(room: string, name: string): void {
    setText(find(document, '#room-name', HTMLElement), displayName(room));
    setText(find(document, '#own-name', HTMLElement), displayName(name));
    document.title = `${displayName(room)} · Live captions`;
    this.#view.hidden = false;
    this.#title.focus();
  }

  hide(): void {
    this.#view.hidden = true;
    document.title = 'Live captions';
    setText(this.#status, '');
  }

  showCaptioner(captioner: Captioner): void {
    const { label, title, text } = captionerTexts(captioner);
    this.#captioner.dataset['state'] = captioner.state;
    this.#list.dataset['captioner'] = captioner.state;
    setText(find(this.#captioner, '#captioner-text', HTMLElement), label);
    // A reason for being live would only take room.
    const reason = captioner.state === 'live' ? '' : captioner.reason;
    setText(this.#reason, reason);
    this.#reason.hidden = reason === '';
    this.transcript.showEmpty(title, text);
    setText(this.#status, reason === '' ? label : `${label}: ${reason}`);
  }

  setMicrophone(state: 'on' | 'off' | 'busy' | 'unavailable'): void {
    this.#microphone.ariaDisabled = String(state === 'busy' || state === 'unavailable');
    if (state === 'busy') return;
    this.#microphone.dataset['on'] = String(state === 'on');
    setText(
      find(this.#microphone, '#microphone-text', HTMLElement),
      state === 'on' ? 'Mute' : 'Unmute',
    );
  }

  showMicrophoneProblem(problem: Problem | undefined): void {
    fillBanner(this.#microphoneBanner, problem);
  }

  showConnectionProblem(problem: Problem | undefined, canRejoin = false): void {
    this.#rejoin.hidden = !canRejoin;
    fillBanner(this.#connectionBanner, problem);
  }

  showSoundBlocked(blocked: boolean): void {
    if (!blocked && this.#soundBanner.contains(document.activeElement)) this.#title.focus();
    this.#soundBanner.hidden = !blocked;
  }
}

function fillBanner(banner: HTMLElement, problem: Problem | undefined): void {
  banner.hidden = problem === undefined;
  setText(find(banner, '.banner-title', HTMLElement), problem?.title ?? '');
  setText(find(banner, '.banner-advice', HTMLElement), problem?.advice ?? '');
}
