import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface Surroundings {
  /** A folder of the caller's own: whatever is fetched and unpacked is left there. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fetches a package from the registry in the npm settings, without installing it or running anything of it.
 * @param name with its version: `@scope/name@1.2.3`
 * @returns the path of its archive
 * @throws Error with the last lines that npm said
 */
export async function npmPack(name: string, surroundings: Surroundings): Promise<string> {
  const { folder, env } = surroundings;
  const [command, ...before] = npmCommand(env);
  // npm would wait more than a minute before it says that there is no network.
  const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  await run(command, [...before, 'pack', name, '--ignore-scripts', ...patience], surroundings);
  const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Error('npm pack left no archive');
  return join(folder, archive);
}

/**
 * Unpacks files of an archive of npm, by their paths in it: `package/lib/x`.
 * @throws Error with the last lines that tar said
 */
export async function unpack(
  archive: string,
  members: readonly string[],
  surroundings: Surroundings,
): Promise<void> {
  await run('tar', ['-xzf', archive, ...members], surroundings);
}

/** The npm that runs this program, when one does: the one on the PATH may be another, or missing. */
function npmCommand(env: NodeJS.ProcessEnv): [string, ...string[]] {
  const running = env['npm_execpath'];
  return running?.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm'];
}

/** Runs a program to its end. Rejects with the last lines of what it said on stderr. */
async function run(
  command: string,
  args: readonly string[],
  { folder, env, signal }: Surroundings,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
      ...(signal && { signal }),
    });
    let said = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => (said = (said + text).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            said.trim().split('\n').slice(-6).join(' ') || `${command} ended with code ${code}`,
          ),
        );
    });
  });
}
