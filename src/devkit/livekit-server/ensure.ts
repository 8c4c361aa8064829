import { access, constants, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheDir } from '../cache.js';
import { buildWithGo, goVersion } from '../go-install.js';
import { LiveKitServerError } from './errors.js';
import { downloadRelease, releaseArchive } from './release.js';

/** The version that the tests were made with. */
export const LIVEKIT_VERSION = '1.13.5';
const RELEASES = 'https://github.com/livekit/livekit/releases/download';

export type Log = (line: string) => void;

/** What `ensureLiveKitServer` looks at. Tests give it another machine. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Where the folders `v<version>` with the release archives are. */
  readonly releases: string;
}

/**
 * The path of a `livekit-server` program: the one on the PATH, else one that is fetched or built once a machine
 * and kept in the cache folder.
 *
 * @throws LiveKitServerError that names every way to get one, with what was tried and why it failed.
 */
export async function ensureLiveKitServer(
  log: Log,
  signal?: AbortSignal,
  surroundings: Partial<Surroundings> = {},
): Promise<string> {
  const { env, platform, arch, releases }: Surroundings = {
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    releases: RELEASES,
    ...surroundings,
  };
  const exe = platform === 'win32' ? '.exe' : '';
  const installed = await findOnPath(`livekit-server${exe}`, env);
  if (installed) return installed;

  const folder = cacheDir(env);
  const target = join(folder, `livekit-server-${LIVEKIT_VERSION}${exe}`);
  if (await isExecutable(target)) return target;
  await mkdir(folder, { recursive: true });

  const failures: string[] = [];
  const attempt = async (way: () => Promise<void>): Promise<boolean> => {
    try {
      await way();
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      log(reason);
      failures.push(reason);
      return false;
    }
  };

  const go = await goVersion(env);
  if (go.usable) {
    const build = () =>
      buildWithGo({
        title: 'LiveKit server',
        module: `github.com/livekit/livekit-server/cmd/server@v${LIVEKIT_VERSION}`,
        program: 'server',
        packages: 790,
        target,
        exe,
        folder,
        env,
        log,
        signal,
      });
    if (await attempt(build)) return target;
  } else {
    failures.push(go.reason);
  }

  const archive = releaseArchive(LIVEKIT_VERSION, platform, arch);
  if (archive) {
    const base = `${releases}/v${LIVEKIT_VERSION}`;
    const download = () => downloadRelease({ base, archive, target, exe, folder, log, signal });
    if (await attempt(download)) return target;
  } else {
    failures.push(`There is no release archive for ${platform} on ${arch}.`);
  }
  throw new LiveKitServerError('LIVEKIT_NOT_INSTALLED', howToGetOne(failures));
}

function howToGetOne(failures: readonly string[]): string {
  return [
    'No LiveKit server could be had:',
    ...failures.map((failure) => `  - ${failure.replaceAll('\n', '\n    ')}`),
    'Any one of these helps; then run the same command again:',
    '  - set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a server that runs already (the demo uses it)',
    '  - put livekit-server on the PATH: "brew install livekit" on macOS, or an archive from',
    `    https://github.com/livekit/livekit/releases/tag/v${LIVEKIT_VERSION}`,
    '  - install Go 1.26 or later, with which it is built here in a few minutes',
  ].join('\n');
}

async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
