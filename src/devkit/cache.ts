import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for what is fetched or built once a machine: the LiveKit server, the recogniser's model.
 * `CAPTIONS_CACHE_DIR` moves it.
 */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['CAPTIONS_CACHE_DIR'];
  if (base) return base;
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'livekit-pulse-captions');
}
