import { displayName } from 'livekit-pulse-captions/client';
import type { SpeakerColours } from './colours.js';
import { find, instantiate, setText } from './dom.js';
import { initials } from './initials.js';

export interface Person {
  readonly identity: string;
  readonly name: string;
  readonly you: boolean;
  /** A program, not a human being. */
  readonly agent: boolean;
  readonly speaking: boolean;
  readonly microphone: 'on' | 'muted' | 'none';
  /** False: they do not want to be. */
  readonly captioned: boolean;
}

/** A tile for everybody in the room: whether their microphone is on, and who speaks. */
export class TilesView {
  readonly #tiles = new Map<string, HTMLElement>();
  readonly #list = find(document, '#people', HTMLUListElement);
  readonly #count = find(document, '#people-count', HTMLElement);
  readonly #alone = find(document, '#alone', HTMLElement);
  readonly #template = find(document, '#person-template', HTMLTemplateElement);

  constructor(private readonly colours: SpeakerColours) {}

  /** In the order in which they are to stand. */
  show(people: readonly Person[]): void {
    const gone = new Set(this.#tiles.keys());
    for (const [index, person] of people.entries()) {
      gone.delete(person.identity);
      const tile = this.#tileOf(person.identity);
      if (this.#list.children[index] !== tile) {
        this.#list.insertBefore(tile, this.#list.children[index] ?? null);
      }
      this.#fill(tile, person);
    }
    for (const identity of gone) {
      this.#tiles.get(identity)?.remove();
      this.#tiles.delete(identity);
    }
    this.#list.dataset['count'] = people.length > 4 ? 'many' : String(people.length);
    setText(this.#count, String(people.length));
    this.#alone.hidden = people.length !== 1;
  }

  #tileOf(identity: string): HTMLElement {
    const known = this.#tiles.get(identity);
    if (known) return known;
    const tile = instantiate(this.#template);
    tile.dataset['colour'] = String(this.colours.of(identity));
    this.#tiles.set(identity, tile);
    return tile;
  }

  #fill(tile: HTMLElement, person: Person): void {
    const name = displayName(person.name || person.identity);
    tile.dataset['speaking'] = String(person.speaking);
    tile.dataset['microphone'] = person.microphone;
    setText(find(tile, '.avatar', HTMLElement), initials(name));
    const shown = find(tile, '.person-name', HTMLElement);
    setText(shown, name);
    shown.title = name;
    const notes = [
      person.you ? 'You' : '',
      person.agent ? 'Agent' : '',
      noteOf(person),
      person.captioned ? '' : 'not captioned',
    ];
    setText(find(tile, '.person-note', HTMLElement), notes.filter(Boolean).join(' · '));
    setText(find(tile, '.person-state', HTMLElement), stateOf(person));
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
