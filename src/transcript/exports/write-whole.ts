import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';

/** Characters that are written at once: a file is made piece by piece, so that it is never in memory as a whole. */
const PIECE = 256 * 1024;

/**
 * Writes a file whole or not at all: what was there before stays until the new one is complete.
 * @param text as a whole, or in the order in which it is written
 */
export async function writeWhole(path: string, text: string | Iterable<string>): Promise<void> {
  const unfinished = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, typeof text === 'string' ? text : pieces(text), { flush: true });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

function* pieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
