import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOf, parseName } from './names.js';
import { MARKER_SUFFIX } from './store/marker.js';

const DAY_MS = 86_400_000;

/**
 * Removes the journals of calls that began more than so many days ago, and what was made from them. Those for which
 * something is still to be done stay; files of others do, too.
 * @param now Unix milliseconds
 * @returns the paths that are gone
 */
export async function removeExpired(dir: string, keepDays: number, now: number): Promise<string[]> {
  const files = await readdir(dir).catch(() => []);
  const unfinished = new Set(
    files.filter((file) => file.endsWith(MARKER_SUFFIX)).map((file) => nameOf(file)),
  );
  const removed: string[] = [];
  for (const file of files) {
    const begun = parseName(file)?.epoch;
    if (begun === undefined || now - begun <= keepDays * DAY_MS) continue;
    if (unfinished.has(nameOf(file))) continue;
    const path = join(dir, file);
    await rm(path, { force: true }).then(
      () => removed.push(path),
      // A folder, or not ours to remove.
      () => undefined,
    );
  }
  return removed;
}
