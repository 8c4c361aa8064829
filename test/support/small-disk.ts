import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of its own, in memory. */
export interface SmallDisk {
  readonly dir: string;
  /** Takes all space. */
  readonly fill: () => Promise<void>;
  /** Gives it back. */
  readonly free: () => Promise<void>;
  /** Whether it can be written to. */
  readonly writable: (yes: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @returns undefined where this user may not mount one */
export async function smallDisk(bytes: number): Promise<SmallDisk | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir]);
  } catch {
    await rm(dir, { recursive: true });
    return undefined;
  }
  const filler = join(dir, 'filler');
  return {
    dir,
    fill: async () => {
      const file = await open(filler, 'w');
      try {
        for (;;) await file.write(Buffer.alloc(4096));
      } catch {
        // That was the last page.
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    writable: async (yes) => {
      await run('mount', ['-o', `remount,${yes ? 'rw' : 'ro'}`, dir]);
    },
    close: async () => {
      await run('umount', ['-l', dir]);
      await rm(dir, { recursive: true });
    },
  };
}
