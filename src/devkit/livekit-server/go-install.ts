import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startOwned } from '../process.js';
import { LiveKitServerError } from './errors.js';

export interface GoBuild {
  readonly version: string;
  /** Path that the program gets. */
  readonly target: string;
  readonly exe: string;
  /** A folder on the same disk as `target`, for what is only half there. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

const MINIMUM = { major: 1, minor: 26 };
const PROGRESS_MS = 15_000;
/** What there is to compile with empty caches, for the progress lines. */
const ALL_PACKAGES = 790;

export type GoVersion =
  { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** Whether there is a Go that LiveKit server can be built with. */
export async function goVersion(env: NodeJS.ProcessEnv): Promise<GoVersion> {
  const go = startOwned('go', ['version'], { env });
  const { code } = await go.exited;
  if (code !== 0) return { usable: false, reason: 'Go is not installed.' };
  const match = /go(\d+)\.(\d+)/.exec(go.lastLines());
  const [major, minor] = [Number(match?.[1]), Number(match?.[2])];
  if (major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor)) {
    return { usable: true };
  }
  const wanted = `${MINIMUM.major}.${MINIMUM.minor}`;
  return {
    usable: false,
    reason: `Go is older than ${wanted}: ${go.lastLines().trim()}`,
  };
}

/** @throws LiveKitServerError with the last lines of the compiler. */
export async function buildWithGo(build: GoBuild): Promise<void> {
  const { version, log, signal } = build;
  signal?.throwIfAborted();
  const module = `github.com/livekit/livekit-server/cmd/server@v${version}`;
  log(`LiveKit server: building ${version} with Go, once; it takes a few minutes`);
  const scratch = await mkdtemp(join(build.folder, 'livekit-build-'));
  const started = Date.now();
  let packages = 0;
  try {
    const go = startOwned('go', ['install', '-v', module], {
      env: { ...(await goEnv(build, scratch)), GOBIN: scratch, CGO_ENABLED: '0' },
      cwd: scratch,
      signal,
      onLine: (line) => {
        if (!line.startsWith('go: ')) packages += 1;
      },
    });
    const progress = setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000);
      log(`LiveKit server: ${seconds} s, ${packages} of about ${ALL_PACKAGES} packages compiled`);
    }, PROGRESS_MS);
    const { code } = await go.exited;
    clearInterval(progress);
    if (code !== 0) {
      throw new LiveKitServerError(
        'LIVEKIT_BUILD_FAILED',
        `"go install ${module}" failed:\n${go.lastLines()}`,
      );
    }
    await rename(join(scratch, `server${build.exe}`), build.target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Go's own caches where they can be written; else caches that last as long as this build. */
async function goEnv({ env }: GoBuild, scratch: string): Promise<NodeJS.ProcessEnv> {
  const own: NodeJS.ProcessEnv = { ...env };
  // What Go verifies modules with is below GOPATH, beside the modules.
  for (const name of ['GOCACHE', 'GOMODCACHE', 'GOPATH']) {
    const go = startOwned('go', ['env', name], { env });
    await go.exited;
    const folder = go.lastLines().trim().split(delimiter)[0] ?? '';
    const writable = await mkdir(folder, { recursive: true })
      .then(() => mkdtemp(join(folder, 'captions-')))
      .then((probe) => rm(probe, { recursive: true }))
      .then(
        () => true,
        () => false,
      );
    if (!writable) own[name] = join(scratch, name);
  }
  // Go makes its module cache read-only: one in the scratch folder could not be removed with the rest.
  if (own['GOMODCACHE']?.startsWith(scratch)) {
    own['GOFLAGS'] = `${env['GOFLAGS'] ?? ''} -modcacherw`.trim();
  }
  return own;
}
