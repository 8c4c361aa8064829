import { constants } from 'node:fs';
import { access, mkdtemp, open, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf } from '../error-code.js';
import { failed, ok, type Verdict, warning } from './finding.js';

/** A day of one room is about 5 MB; a journal that cannot be written costs what was said. */
const LITTLE_BYTES = 100_000_000;
const GIGABYTE = 1e9;
const PROBE = Buffer.alloc(4096);

/** Whether transcripts can be written, by a file that is written and taken away again. */
export async function checkFolder(directory: string): Promise<Verdict> {
  const folder = resolve(directory);
  try {
    const existing = await nearestExisting(folder);
    await access(existing, constants.W_OK | constants.X_OK);
    await writeProbe(existing);
    const { bavail, bsize } = await statfs(existing);
    const free = bavail * bsize;
    const room = `${(free / GIGABYTE).toFixed(1)} GB free`;
    if (free < LITTLE_BYTES) {
      return warning(`${folder} is nearly full (${room}): make room, or set TRANSCRIPT_KEEP_DAYS`);
    }
    return ok(`${folder} can be ${existing === folder ? 'written' : 'made'}, ${room}`);
  } catch (error) {
    return failed(folderFault(folder, error));
  }
}

/** @param error of the file system; @returns what is wrong and what to do */
export function folderFault(folder: string, error: unknown): string {
  const code = codeOf(error) || String(error);
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `${folder} is not this user's to write (${code}): give it to uid ${process.getuid?.() ?? '?'} (chown, or fsGroup in Kubernetes), or set another TRANSCRIPT_DIR`;
    case 'EROFS':
      return `${folder} is on a read-only disk (${code}): mount a volume there, or set TRANSCRIPT_DIR to one`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `${folder} is full (${code}): make room, or set TRANSCRIPT_KEEP_DAYS`;
    case 'ENOTDIR':
      return `${folder} is, or is below, a file (${code}): set TRANSCRIPT_DIR to a folder`;
    default:
      return `${folder} cannot be written (${code}): set TRANSCRIPT_DIR to a folder that can`;
  }
}

/** The folder itself where it is there: else the one in which it would be made, which is not done here. */
async function nearestExisting(folder: string): Promise<string> {
  try {
    const found = await stat(folder);
    if (!found.isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' });
    return folder;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    return nearestExisting(dirname(folder));
  }
}

async function writeProbe(folder: string): Promise<void> {
  const probe = await mkdtemp(join(folder, '.captions-check-'));
  try {
    const file = await open(join(probe, 'probe'), 'w');
    try {
      await file.write(PROBE);
      // A full disk may say so only now.
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}
