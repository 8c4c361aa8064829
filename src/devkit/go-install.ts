import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startOwned } from './process.js';

export interface GoBuild {
  /** For people: what is built. */
  readonly title: string;
  /** With its version: `example.org/cmd/server@v1.2.3`. */
  readonly module: string;
  /** What Go calls the program that it makes, without `.exe`. */
  readonly program: string;
  /** How many packages there are to compile with empty caches, for the progress lines. */
  readonly packages: number;
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

export type GoVersion =
  { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** The compiler did not make the program; the message has its last lines. */
export class GoBuildError extends Error {
  override readonly name = 'GoBuildError';
  readonly code = 'go_build_failed';
}

/** Whether there is a Go that is new enough for what the demo and the tests need. */
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

/** @throws GoBuildError */
export async function buildWithGo(build: GoBuild): Promise<void> {
  const { title, module, packages: all, log, signal } = build;
  signal?.throwIfAborted();
  log(`${title}: building ${module} with Go, once; it takes a few minutes`);
  const scratch = await mkdtemp(join(build.folder, 'go-build-'));
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
      log(`${title}: ${seconds} s, ${packages} of about ${all} packages compiled`);
    }, PROGRESS_MS);
    const { code } = await go.exited;
    clearInterval(progress);
    if (code !== 0) {
      throw new GoBuildError(`"go install ${module}" failed:\n${go.lastLines()}`);
    }
    await rename(join(scratch, build.program + build.exe), build.target);
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
