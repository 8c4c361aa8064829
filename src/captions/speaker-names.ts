import { legible } from './legible.js';

/** People whose names are remembered. A room has fewer; whoever makes up more has told nobody apart. */
const MOST = 10_000;

/**
 * What the people of one room are called in its captions. Two of one name are told apart by a number in the order in
 * which they first spoke: `Alex`, `Alex (2)`. Whoever was called something once is again when the name comes back, also
 * after having left.
 */
export class SpeakerNames {
  /** The identity that a name belongs to, by the name as it compares. */
  readonly #owners = new Map<string, string>();
  /** The last answer for each identity. */
  readonly #given = new Map<string, { readonly name: string; readonly label: string }>();

  /** @param name as the participant or the app wrote it; may be empty */
  labelOf(identity: string, name = ''): string {
    const given = this.#given.get(identity);
    if (given?.name === name) return given.label;
    const label = this.#claim(identity, legible(name) || legible(identity) || 'Unknown');
    keep(this.#given, identity, { name, label });
    return label;
  }

  #claim(identity: string, name: string): string {
    for (let number = 1; number <= MOST; number += 1) {
      const label = number === 1 ? name : `${name} (${number})`;
      const key = label.normalize('NFKC').toLowerCase();
      const owner = this.#owners.get(key);
      if (owner !== undefined && owner !== identity) continue;
      keep(this.#owners, key, identity);
      return label;
    }
    return name;
  }
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
