import { once } from 'node:events';
import { writeWhole } from '../transcript/exports/write-whole.js';

/** What was typed cannot be done; the message says what to type. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Prints a text, or writes it into a file, whole or not at all.
 * @throws UsageError where the file cannot be written
 */
export async function put(text: string, path: string | undefined): Promise<void> {
  if (path === undefined) return print(text);
  try {
    await writeWhole(path, text);
  } catch (cause) {
    throw new UsageError(`${path} cannot be written: choose another --output`, { cause });
  }
}

/** Until it is all out, as the process may end then; whoever reads it may have enough before. */
async function print(text: string): Promise<void> {
  try {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}
