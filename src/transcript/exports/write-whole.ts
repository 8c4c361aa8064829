import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Characters that are written at once: a file is made piece by piece, so that it is never in memory as a whole. */
const PIECE = 256 * 1024;

/**
 * Writes a file whole or not at all: what was there before stays until the new one is complete.
 * @param text in pieces of any length
 * @param tag in the name of the file as long as it is not complete, where somebody may have to remove it for us
 */
export async function writeWhole(
  path: string,
  text: Iterable<string>,
  tag: string = randomUUID(),
): Promise<void> {
  const unfinished = path + endingOf(tag);
  try {
    await writeFile(unfinished, inPieces(text), { flush: true });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Removes what somebody left who was ended while writing into a folder. Never rejects. */
export async function removeUnfinished(dir: string, tag: string): Promise<void> {
  const files = await readdir(dir).catch(() => []);
  for (const file of files) {
    if (file.endsWith(endingOf(tag)))
      await rm(join(dir, file), { force: true }).catch(() => undefined);
  }
}

function endingOf(tag: string): string {
  return `.${tag}.tmp`;
}

/** Longer pieces of the same text. */
export function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
