import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOwned } from '../process.js';
import { LiveKitServerError } from './errors.js';

export interface ReleaseDownload {
  /** Address of the folder that holds the archive and its `checksums.txt`. */
  readonly base: string;
  readonly archive: string;
  /** Path that the program gets. */
  readonly target: string;
  readonly exe: string;
  /** A folder on the same disk as `target`, for what is only half there. */
  readonly folder: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

const CHECKSUMS = 'checksums.txt';
const TIMEOUT_MS = 300_000;

/** The name of the official archive for a machine; undefined where the project publishes none (macOS). */
export function releaseArchive(
  version: string,
  platform: NodeJS.Platform,
  arch: string,
): string | undefined {
  const machine = new Map([
    ['x64', 'amd64'],
    ['arm64', 'arm64'],
    ['arm', 'armv7'],
  ]).get(arch);
  if (!machine) return undefined;
  if (platform === 'linux') return `livekit_${version}_linux_${machine}.tar.gz`;
  if (platform === 'win32') return `livekit_${version}_windows_${machine}.zip`;
  return undefined;
}

/** @throws LiveKitServerError when it cannot be fetched, or is not what its checksum says. */
export async function downloadRelease(download: ReleaseDownload): Promise<void> {
  const { base, archive, log } = download;
  log(`LiveKit server: downloading ${base}/${archive}`);
  const [checksums, bytes] = await Promise.all([
    fetchBytes(`${base}/${CHECKSUMS}`, download.signal),
    fetchBytes(`${base}/${archive}`, download.signal),
  ]);
  const expected = checksumOf(archive, checksums.toString('utf8'));
  if (!expected) throw failed(`${base}/${CHECKSUMS} has no SHA-256 for ${archive}`);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected) {
    throw failed(
      `${base}/${archive} has the SHA-256 ${actual}, not ${expected}: it was damaged or changed on the way`,
    );
  }
  await unpack(bytes, download);
}

/** From a line `<64 hex digits>  <name>`. */
function checksumOf(archive: string, checksums: string): string | undefined {
  for (const line of checksums.split('\n')) {
    const [sum, name] = line.trim().split(/\s+\*?/);
    if (name === archive && sum && /^[0-9a-f]{64}$/i.test(sum)) return sum.toLowerCase();
  }
  return undefined;
}

async function unpack(bytes: Buffer, download: ReleaseDownload): Promise<void> {
  const { archive, target, exe, folder, signal } = download;
  const scratch = await mkdtemp(join(folder, 'livekit-release-'));
  try {
    const program = `livekit-server${exe}`;
    await writeFile(join(scratch, archive), bytes);
    // The tar of Windows reads zip files too.
    const tar = startOwned('tar', ['-xf', archive, program], { cwd: scratch, signal });
    const { code } = await tar.exited;
    if (code !== 0) throw failed(`${archive} could not be unpacked with tar: ${tar.lastLines()}`);
    await readFile(join(scratch, program)).catch((cause: unknown) => {
      throw failed(`${archive} holds no ${program}`, cause);
    });
    await rename(join(scratch, program), target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function fetchBytes(address: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(address, {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (!response.ok) throw failed(`${address} answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof LiveKitServerError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failed(`${address} could not be fetched: ${reason}`, error);
  }
}

function failed(message: string, cause?: unknown): LiveKitServerError {
  return new LiveKitServerError('LIVEKIT_DOWNLOAD_FAILED', message, { cause });
}
