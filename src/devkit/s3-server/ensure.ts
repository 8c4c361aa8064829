import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../cache.js';
import { buildWithGo, goVersion } from '../go-install.js';

/** The version that the tests were made with. */
export const VERSITYGW_VERSION = '1.8.0';

const EXE = process.platform === 'win32' ? '.exe' : '';

/** Where the program is once it has been built on this machine. */
export function s3ServerPath(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDir(env), `versitygw-${VERSITYGW_VERSION}${EXE}`);
}

/**
 * Builds the S3 server of the tests (versitygw, which keeps objects as files) once a machine.
 * @returns its path; undefined where it cannot be built: the tests that need it then say so and are skipped
 */
export async function ensureS3Server(
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const target = s3ServerPath();
  const there = await access(target, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (there) return target;
  const go = await goVersion(process.env);
  try {
    if (!go.usable) throw new Error(go.reason);
    const folder = cacheDir();
    await mkdir(folder, { recursive: true });
    await buildWithGo({
      title: 'S3 server',
      module: `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW_VERSION}`,
      program: 'versitygw',
      packages: 700,
      target,
      exe: EXE,
      folder,
      env: process.env,
      log,
      signal,
    });
    return target;
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    log(`S3 server: it cannot be built, so its tests are skipped. ${reason}`);
    return undefined;
  }
}
