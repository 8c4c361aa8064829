import { findProgram, installWithApt, mayInstall } from './apt.js';
import { isCi } from './chromium.js';
import { freeTcpPort } from './livekit-server/ports.js';
import { startOwned } from './process.js';

const NAME = 'redis-server';

export class RedisError extends Error {
  override readonly name = 'RedisError';
  readonly code = 'REDIS_MISSING';
}

/** The path of a Redis server on the PATH. */
export function findRedis(env: NodeJS.ProcessEnv): string | undefined {
  return findProgram(NAME, env);
}

/**
 * A Redis for the tests of several LiveKit servers, installed with apt-get where there is none and that is possible.
 *
 * @throws RedisError where there is none and `CI` is set; else a message says that those tests are skipped
 */
export async function ensureRedis(
  log: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (findRedis(env)) return;
  let reason = 'It can be installed automatically only by root on Debian or Ubuntu.';
  if (await mayInstall(env)) {
    reason = await installWithApt(NAME, log, env);
    if (findRedis(env)) return;
  }
  const message = `No ${NAME} was found for the tests of several LiveKit servers. ${reason} Install it and run the same command again.`;
  if (isCi(env)) throw new RedisError(message);
  log(`${message} Until then those tests are skipped.`);
}

/** One on loopback that keeps nothing and lasts at most as long as this process. */
export async function startRedis(
  binary: string,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const port = await freeTcpPort();
  let ready: () => void;
  const accepting = new Promise<void>((resolve) => (ready = resolve));
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const program = startOwned(binary, args, {
    onLine: (line) => {
      if (line.includes('Ready to accept connections')) ready();
    },
  });
  await Promise.race([accepting, program.exited]);
  if (!program.running) throw new RedisError(`${binary} did not start: ${program.lastLines()}`);
  return { address: `127.0.0.1:${port}`, close: () => program.kill() };
}
