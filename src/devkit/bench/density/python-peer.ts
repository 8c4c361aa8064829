import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir } from '../../cache.js';
import { startOwned } from '../../process.js';
import { type Contender, requirePid, type RunningContender } from './contender.js';

const VERSION = '1.8.9';
const PACKAGES = [`livekit-agents==${VERSION}`, `livekit-plugins-smallestai==${VERSION}`];
const SCRIPT = new URL('../../../../src/devkit/bench/density/peer/captions.py', import.meta.url);
const READY_MS = 90_000;
const DRAIN_MS = 20_000;

/** LiveKit's framework for Python with the vendor's plugin, one session for each person in a room. */
export async function pythonPeer(
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Contender> {
  const python = await ensurePython(log, signal);
  return {
    name: `livekit-agents ${VERSION} (Python)`,
    start: (env, _log, life) => startPeer(python, env, life),
  };
}

/** Installs the packages once a machine, in the cache folder. @returns the path of the interpreter that has them */
async function ensurePython(log: (line: string) => void, signal: AbortSignal): Promise<string> {
  const folder = join(cacheDir(), `python-peer-${VERSION}`);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (await exists(complete)) return python;
  log(`Installing ${PACKAGES.join(' and ')} into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(cacheDir(), { recursive: true });
  await run('python3', ['-m', 'venv', folder], signal);
  await run(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES], signal);
  await writeFile(complete, '');
  return python;
}

async function run(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const program = startOwned(command, args, { signal });
  const { code } = await program.exited;
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${program.lastLines()}`);
}

async function startPeer(
  python: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<RunningContender> {
  const ready = new AbortController();
  const peer = startOwned(python, [fileURLToPath(SCRIPT), 'start'], {
    env,
    signal,
    onLine: (line) => {
      if (line.includes('registered worker')) ready.abort();
    },
  });
  const limit = AbortSignal.any([ready.signal, signal, AbortSignal.timeout(READY_MS)]);
  await Promise.race([peer.exited, aborted(limit)]);
  if (!peer.running || !ready.signal.aborted) {
    await peer.kill();
    signal.throwIfAborted();
    throw new Error(`The Python peer did not register with LiveKit:\n${peer.lastLines()}`);
  }
  return {
    pid: requirePid(peer.pid),
    async stop() {
      peer.signal('SIGTERM');
      await Promise.race([peer.exited, sleep(DRAIN_MS, undefined, { ref: false })]);
      await peer.kill();
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
