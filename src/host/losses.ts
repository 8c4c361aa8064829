/** A captioner that has lived this long was not brought down by its room. */
const PROVEN_MS = 60_000;

/** How often in a row the captioner of each room was lost. Times are milliseconds that never jump. */
export class Losses {
  readonly #rooms = new Map<string, { readonly count: number; readonly at: number }>();

  /** @returns how often in a row, this time among them */
  add(room: string, now: number): number {
    for (const [name, { at }] of this.#rooms) if (now - at >= PROVEN_MS) this.#rooms.delete(name);
    const count = (this.#rooms.get(room)?.count ?? 0) + 1;
    this.#rooms.set(room, { count, at: now });
    return count;
  }
}
