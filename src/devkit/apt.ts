import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startOwned } from './process.js';

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a program on the PATH. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** Whether packages of the system can be installed: by root, on Debian and what descends from it. */
export async function mayInstall(env: NodeJS.ProcessEnv): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  if (!findProgram('apt-get', env)) return false;
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*debian/m.test(release);
}

/** @returns what happened, as a sentence */
export async function installWithApt(
  name: string,
  log: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  log(`${name}: installing the system package with apt-get`);
  const steps = [['update'], ['install', '-y', '--no-install-recommends', name]];
  for (const args of steps) {
    // Another installation may be under way: of the browser, or the system's own.
    const apt = startOwned('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    const { code } = await apt.exited;
    if (code !== 0) return `"apt-get ${args.join(' ')}" failed: ${apt.lastLines()}`;
  }
  return `apt-get installed the package ${name}, but there is no program of that name.`;
}
