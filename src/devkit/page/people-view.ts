import type { SpeakerColours } from './colours.js';
import { find, instantiate, setText } from './dom.js';
import { displayName, initials } from './names.js';

export interface Person {
  readonly identity: string;
  readonly name: string;
  readonly you: boolean;
  /** A program, not a human being. */
  readonly agent: boolean;
  readonly speaking: boolean;
  readonly microphone: 'on' | 'muted' | 'none';
}

/** Who is in the room, whether their microphone is on, and who speaks. */
export class PeopleView {
  readonly #rows = new Map<string, HTMLElement>();
  readonly #list = find(document, '#people', HTMLUListElement);
  readonly #count = find(document, '#people-count', HTMLElement);
  readonly #alone = find(document, '#alone', HTMLElement);
  readonly #template = find(document, '#person-template', HTMLTemplateElement);

  constructor(private readonly colours: SpeakerColours) {}

  /** In the order in which they are to stand. */
  show(people: readonly Person[]): void {
    const gone = new Set(this.#rows.keys());
    for (const [index, person] of people.entries()) {
      gone.delete(person.identity);
      const row = this.#rowOf(person.identity);
      if (this.#list.children[index] !== row) {
        this.#list.insertBefore(row, this.#list.children[index] ?? null);
      }
      this.#fill(row, person);
    }
    for (const identity of gone) {
      this.#rows.get(identity)?.remove();
      this.#rows.delete(identity);
    }
    setText(this.#count, String(people.length));
    this.#alone.hidden = people.length !== 1;
  }

  #rowOf(identity: string): HTMLElement {
    const known = this.#rows.get(identity);
    if (known) return known;
    const row = instantiate(this.#template);
    row.dataset['colour'] = String(this.colours.of(identity));
    this.#rows.set(identity, row);
    return row;
  }

  #fill(row: HTMLElement, person: Person): void {
    const name = displayName(person.name || person.identity);
    row.dataset['speaking'] = String(person.speaking);
    row.dataset['microphone'] = person.microphone;
    setText(find(row, '.avatar', HTMLElement), initials(name));
    const shown = find(row, '.person-name', HTMLElement);
    setText(shown, name);
    shown.title = name;
    const notes = [person.you ? 'You' : '', person.agent ? 'Agent' : '', noteOf(person)];
    setText(find(row, '.person-note', HTMLElement), notes.filter(Boolean).join(' · '));
    setText(find(row, '.person-state', HTMLElement), stateOf(person));
  }
}

function noteOf({ microphone, agent }: Person): string {
  return microphone === 'none' && !agent ? 'listening' : '';
}

function stateOf({ speaking, microphone }: Person): string {
  if (speaking) return ', speaking';
  switch (microphone) {
    case 'on':
      return ', microphone on';
    case 'muted':
      return ', muted';
    case 'none':
      return '';
    default:
      return microphone satisfies never;
  }
}
