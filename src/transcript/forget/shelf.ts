import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TranscriptError } from '../errors.js';
import { linesOf } from '../lines.js';
import type { ObjectStore } from '../store/objects.js';
import { contentType } from '../store/uploads.js';

export interface ShelfFile {
  readonly name: string;
  /** Unix milliseconds. */
  readonly modified: number;
}

/** A place where the files of transcripts are kept side by side. All of it throws TranscriptError. */
export interface Shelf {
  /** The folder, where it is one. */
  readonly dir?: string;
  address(name: string): string;
  /** None where there is no folder. */
  list(): Promise<ShelfFile[]>;
  lines(name: string): AsyncIterable<string>;
  /** Whole or not at all. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Whether a file went while it was read: whoever works on a call puts its journal in place of the pieces of it. */
export function isVanished({ cause }: TranscriptError): boolean {
  return (
    cause instanceof Error &&
    (cause.name === 'NoSuchKey' || ('code' in cause && cause.code === 'ENOENT'))
  );
}

export function folderShelf(dir: string): Shelf {
  return {
    dir,
    address: (name) => join(dir, name),
    async list() {
      const files: ShelfFile[] = [];
      for (const name of await readdir(dir).catch(() => [])) {
        const found = await stat(join(dir, name)).catch(() => undefined);
        if (found?.isFile()) files.push({ name, modified: found.mtimeMs });
      }
      return files;
    },
    async *lines(name) {
      try {
        yield* linesOf(createReadStream(join(dir, name)), Infinity);
      } catch (cause) {
        throw new TranscriptError(
          'unreadable',
          `${join(dir, name)} cannot be read: check its permissions.`,
          { cause },
        );
      }
    },
    write: (name, text) => changing(join(dir, name), (path) => replace(path, text)),
    remove: (name) => changing(join(dir, name), (path) => rm(path, { force: true })),
  };
}

export function storeShelf(objects: ObjectStore): Shelf {
  return {
    address: (name) => objects.address(name),
    list: () => objects.list(''),
    async *lines(name) {
      yield* linesOf(await objects.get(name), Infinity);
    },
    write: (name, text) => objects.put(name, text, contentType(name)),
    remove: (name) => objects.delete([name]),
  };
}

/** The disk itself has the new one before the old one goes. */
async function replace(path: string, text: string): Promise<void> {
  const unfinished = `${path}.tmp`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}

async function changing(path: string, change: (path: string) => Promise<void>): Promise<void> {
  try {
    await change(path);
  } catch (cause) {
    await rm(`${path}.tmp`, { force: true }).catch(() => undefined);
    throw new TranscriptError(
      'write_failed',
      `${path} cannot be changed: free space there, or make the folder writable for this user.`,
      { cause },
    );
  }
}
