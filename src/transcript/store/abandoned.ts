import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL_SUFFIX } from '../names.js';
import { MARKER_SUFFIX } from './marker.js';

/**
 * Finds markers that nobody works on: those that were released, and those that we have not seen change for some time,
 * as our own clock has it, which does not jump. What a file says of its age may come from another machine, or from
 * before somebody set the date.
 */
export class AbandonedMarkers {
  readonly #afterMs: number;
  readonly #seen = new Map<string, { readonly touched: number; readonly since: number }>();

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /**
   * To be called again and again.
   * @returns the paths of their journals
   */
  async find(dir: string): Promise<string[]> {
    const now = performance.now();
    const files = await readdir(dir).catch(() => []);
    const markers = new Set(files.filter((file) => file.endsWith(MARKER_SUFFIX)));
    for (const marker of this.#seen.keys()) if (!markers.has(marker)) this.#seen.delete(marker);
    const found: string[] = [];
    for (const marker of markers) {
      const file = await stat(join(dir, marker)).catch(() => undefined);
      if (!file) continue;
      const { mtimeMs: touched } = file;
      const known = this.#seen.get(marker);
      const since = known?.touched === touched ? known.since : now;
      this.#seen.set(marker, { touched, since });
      if (touched > 0 && now - since < this.#afterMs) continue;
      found.push(join(dir, marker.slice(0, -MARKER_SUFFIX.length) + JOURNAL_SUFFIX));
    }
    return found;
  }
}
