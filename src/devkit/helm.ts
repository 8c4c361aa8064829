import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { isEntry } from '../cli/entry.js';
import { isProgram } from './apt.js';
import { cacheDir } from './cache.js';
import { buildWithGo, goVersion } from './go-install.js';

/** The version that the chart's tests were made with. */
const HELM_VERSION = '4.3.1';
const EXE = process.platform === 'win32' ? '.exe' : '';

/** Helm on the PATH, or the one that `node dist/devkit/helm.js` has built on this machine. */
export function findHelm(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const paths = [...folders.map((folder) => join(folder, `helm${EXE}`)), builtPath(env)];
  return paths.find(isProgram);
}

/**
 * Builds Helm once a machine. It takes two minutes of CPU, so no test does it by itself.
 * @throws GoBuildError, or Error where there is no Go
 */
export async function buildHelm(log: (line: string) => void): Promise<string> {
  const target = builtPath(process.env);
  if (isProgram(target)) return target;
  const go = await goVersion(process.env);
  if (!go.usable) throw new Error(go.reason);
  const folder = cacheDir();
  await mkdir(folder, { recursive: true });
  await buildWithGo({
    title: 'Helm',
    module: `helm.sh/helm/v4/cmd/helm@v${HELM_VERSION}`,
    program: 'helm',
    packages: 1100,
    target,
    exe: EXE,
    folder,
    env: process.env,
    log,
    signal: undefined,
  });
  return target;
}

function builtPath(env: NodeJS.ProcessEnv): string {
  return join(cacheDir(env), `helm-${HELM_VERSION}${EXE}`);
}

if (isEntry(import.meta.url)) {
  const path = await buildHelm((line) => {
    console.log(line);
  });
  console.log(path);
}
