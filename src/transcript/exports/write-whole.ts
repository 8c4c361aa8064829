import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** That are written at once: a file is made piece by piece, so that it is never in memory as a whole. */
const BYTES = 64 * 1024;

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
    const file = await open(unfinished, 'wx');
    try {
      for (const bytes of bytesOf(text)) await writeAll(file, bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Removes what somebody left who was ended while writing into a folder. Never rejects. */
export async function removeUnfinished(dir: string, tag: string): Promise<void> {
  const files = await readdir(dir).catch(() => []);
  const left = files.filter((file) => file.endsWith(endingOf(tag)));
  for (const file of left) await rm(join(dir, file), { force: true }).catch(() => undefined);
}

/** Texts as UTF-8, many of them at once. What is given holds until the next: all of it is in the same memory. */
export function* bytesOf(texts: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(BYTES);
  let used = 0;
  for (const text of texts) {
    for (let from = 0; from < text.length;) {
      const { read, written } = encoder.encodeInto(
        from === 0 ? text : text.slice(from),
        bytes.subarray(used),
      );
      from += read;
      used += written;
      if (from === text.length) break;
      yield bytes.subarray(0, used);
      used = 0;
    }
  }
  if (used > 0) yield bytes.subarray(0, used);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, from);
    from += bytesWritten;
  }
}

function endingOf(tag: string): string {
  return `.${tag}.tmp`;
}
