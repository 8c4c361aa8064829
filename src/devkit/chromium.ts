import { delimiter, join } from 'node:path';
import { installWithApt, isProgram, mayInstall } from './apt.js';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
];
const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];
const WINDOWS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

export class ChromiumError extends Error {
  override readonly name = 'ChromiumError';
  readonly code = 'CHROMIUM_MISSING';
}

/**
 * The path of a browser of Chromium's family: `CHROME_PATH`, else the first on the PATH, else where installers put
 * it on macOS and Windows.
 * @throws ChromiumError when `CHROME_PATH` names no program.
 */
export function findChromium(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const chosen = env['CHROME_PATH'];
  if (chosen) {
    if (isProgram(chosen)) return chosen;
    throw new ChromiumError(`CHROME_PATH is "${chosen}", which is not a program that can be run.`);
  }
  return candidates(env, platform).find(isProgram);
}

/**
 * A browser for the tests, installed with apt-get where there is none and that is possible.
 *
 * @returns its path; undefined, and a message that says so, where there is none.
 * @throws ChromiumError instead when `CI` is set: there, no test may be skipped.
 */
export async function ensureChromium(
  log: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const found = findChromium(env);
  if (found) return found;
  let reason = 'It can be installed automatically only by root on Debian or Ubuntu.';
  if (await mayInstall(env)) {
    reason = await installWithApt('chromium', log, env);
    const installed = findChromium(env);
    if (installed) return installed;
  }
  const message =
    `No Chromium was found for the browser tests. ${reason} ` +
    'Install chromium or Google Chrome, or set CHROME_PATH to one, and run the same command again.';
  if (isCi(env)) throw new ChromiumError(message);
  log(`${message} Until then those tests are skipped.`);
  return undefined;
}

/** Continuous integration: tests that cannot run have to fail. */
export function isCi(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes(env['CI'] ?? '');
}

function candidates(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  switch (platform) {
    case 'darwin':
      return [...onPath(folders), ...MAC];
    case 'win32': {
      const roots = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']];
      return roots.flatMap((root) => (root ? WINDOWS.map((path) => join(root, path)) : []));
    }
    default:
      return onPath(folders);
  }
}

function onPath(folders: readonly string[]): string[] {
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}
