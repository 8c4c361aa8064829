import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files in a folder, and in the folders in it, that were written since a moment (Unix milliseconds). */
export async function filesSince(folder: string, since: number): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // File systems keep times with less precision than our clock.
    if ((await stat(path)).mtimeMs >= since - 1000) files.push(path);
  }
  return files.sort();
}
