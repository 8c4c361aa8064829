import { codeOf } from '../error-code.js';
import { TranscriptError } from '../transcript/errors.js';
import { bytesOf, writeWhole } from '../transcript/exports/write-whole.js';

/** What was typed cannot be done; the message says what to type. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What says that a file cannot be there, or not by this user, however often it is tried. */
const WRONG_PATH = new Set([
  'EACCES',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/**
 * Prints a text, or writes it into a file, whole or not at all.
 * @param text in pieces of any length
 * @throws UsageError where there can be no such file; TranscriptError `export_failed` where the disk does not take it
 */
export async function put(text: Iterable<string>, path: string | undefined): Promise<void> {
  if (path === undefined) return print(text);
  try {
    await writeWhole(path, text);
  } catch (cause) {
    if (WRONG_PATH.has(codeOf(cause))) {
      throw new UsageError(`${path} cannot be written: choose another --output`, { cause });
    }
    throw new TranscriptError(
      'export_failed',
      `${path} could not be written (${messageOf(cause)}): free space there, or choose another --output, and do it again. What was there is as it was.`,
      { cause },
    );
  }
}

/** Until it is all out, as the process may end then; whoever reads it may have enough before. */
async function print(text: Iterable<string>): Promise<void> {
  // What goes wrong is told to this, too, after those who wrote.
  const heard = () => undefined;
  process.stdout.on('error', heard);
  try {
    for (const bytes of bytesOf(text)) await printed(bytes);
    process.stdout.off('error', heard);
  } catch (cause) {
    if (codeOf(cause) === 'EPIPE') return;
    throw new TranscriptError(
      'export_failed',
      `The output could not be written (${messageOf(cause)}): free space there, and do it again.`,
      { cause },
    );
  }
}

function printed(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
