/** How many colours `theme.css` has for speakers. */
export const COLOURS = 10;

/**
 * Gives each speaker a colour of their own while there are enough; then the one that the fewest have.
 * Who left and comes back with the same key has the same colour.
 */
export class SpeakerColours {
  readonly #given = new Map<string, number>();

  /** A number below `COLOURS`. */
  of(key: string): number {
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const colour = this.#given.size % COLOURS;
    this.#given.set(key, colour);
    return colour;
  }
}
