import { rename, rm, writeFile } from 'node:fs/promises';

/** What was typed cannot be done; the message says what to type. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Prints a text, or writes it into a file, whole or not at all.
 * @throws UsageError where the file cannot be written
 */
export async function put(text: string, path: string | undefined): Promise<void> {
  if (path === undefined) {
    process.stdout.write(text);
    return;
  }
  const unfinished = `${path}.tmp`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new UsageError(`${path} cannot be written: choose another --output`, { cause });
  }
}
