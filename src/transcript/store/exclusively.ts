import { mkdir, rmdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../error-code.js';

const PAUSE_MS = 10;
/** Nobody holds it that long: whoever did was killed. */
const MOST_MS = 10_000;

/**
 * Does something to a file while nobody else does, in this process or another. Where there can be no lock, as on a
 * disk that is full, it is done all the same.
 */
export async function exclusively<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const locked = await take(lock);
  try {
    return await work();
  } finally {
    if (locked) await rmdir(lock).catch(() => undefined);
  }
}

async function take(lock: string): Promise<boolean> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    try {
      await mkdir(lock);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return false;
    }
    if (waited >= MOST_MS) await rmdir(lock).catch(() => undefined);
    await sleep(PAUSE_MS);
  }
}
