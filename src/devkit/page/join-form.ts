import { find, setText } from './dom.js';
import type { Problem } from './problems.js';

export interface JoinWish {
  readonly name: string;
  readonly room: string;
  readonly microphone: boolean;
}

/** The form in front of the room. */
export class JoinForm {
  readonly #view = find(document, '#join-view', HTMLElement);
  readonly #form = find(document, '#join-form', HTMLFormElement);
  readonly #title = find(document, '#join-title', HTMLElement);
  readonly #name = find(document, '#name', HTMLInputElement);
  readonly #room = find(document, '#room', HTMLInputElement);
  readonly #microphone = find(document, '#with-microphone', HTMLInputElement);
  readonly #button = find(document, '#join-button', HTMLButtonElement);
  readonly #problem = find(document, '#join-problem', HTMLElement);
  #busy = false;

  constructor(onJoin: (wish: JoinWish) => void) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.#busy && this.#check()) onJoin(this.#wish());
    });
  }

  get room(): string {
    return this.#room.value.trim();
  }

  prefill(name: string, room: string): void {
    this.#name.value = name.slice(0, this.#name.maxLength);
    this.#room.value = room.slice(0, this.#room.maxLength);
  }

  proposeRoom(room: string): void {
    if (this.#room.value === '') this.#room.value = room;
  }

  show(): void {
    this.#view.hidden = false;
    this.#title.focus();
  }

  hide(): void {
    this.#view.hidden = true;
  }

  /** While busy the button keeps the focus, so it is not disabled in the strict sense. */
  setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#button.ariaDisabled = String(busy);
    setText(this.#button, busy ? 'Joining…' : 'Join');
  }

  showProblem(problem: Problem | undefined): void {
    this.#problem.hidden = problem === undefined;
    setText(find(this.#problem, '.problem-title', HTMLElement), problem?.title ?? '');
    setText(find(this.#problem, '.problem-advice', HTMLElement), problem?.advice ?? '');
  }

  #wish(): JoinWish {
    return {
      name: this.#name.value.trim(),
      room: this.#room.value.trim(),
      microphone: this.#microphone.checked,
    };
  }

  /** Marks what is missing, and leads to the first of it. */
  #check(): boolean {
    const missing = [
      this.#checkField(this.#name, '#name-error', 'Tell the others your name.'),
      this.#checkField(this.#room, '#room-error', 'Name the room you want to join.'),
    ].filter((field) => field !== undefined);
    missing[0]?.focus();
    return missing.length === 0;
  }

  #checkField(field: HTMLInputElement, error: string, text: string): HTMLInputElement | undefined {
    const missing = field.value.trim() === '';
    field.ariaInvalid = String(missing);
    setText(find(this.#form, error, HTMLElement), missing ? text : '');
    return missing ? field : undefined;
  }
}
