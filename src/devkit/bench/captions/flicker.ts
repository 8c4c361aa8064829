import type { Caption } from '../../../captions/caption.js';

/** What readers saw change, over all segments. */
export class Flicker {
  #taken = 0;
  #final = 0;
  #settledTaken = 0;
  readonly #shown = new Map<string, Pick<Caption, 'text' | 'settled'>>();

  see({ id, text, settled, final }: Pick<Caption, 'id' | 'text' | 'settled' | 'final'>): void {
    const before = this.#shown.get(id) ?? { text: '', settled: 0 };
    const kept = commonLength(before.text, text);
    this.#taken += before.text.length - kept;
    this.#settledTaken += Math.max(0, before.settled - kept);
    this.#shown.set(id, { text, settled });
    if (final) this.#final += text.length;
  }

  /**
   * For the normalised erasure, which is this for each character of the final text: the characters that stood behind
   * the first changed one, each time that a shown text changed. The strict measure: what comes back unchanged behind a
   * change counts too.
   */
  get taken(): number {
    return this.#taken;
  }

  /** Characters of the final text. */
  get finalLength(): number {
    return this.#final;
  }

  /** Characters of settled text that were taken back. */
  get settledTaken(): number {
    return this.#settledTaken;
  }
}

export function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
