import { config as readDotenv } from 'dotenv';
import { isEntry } from './cli/entry.js';
import { ConfigError, loadConfig } from './config/config.js';
import { HostError, startHost } from './host/host.js';
import { createLogger } from './logging.js';
import { onStopSignals } from './signals.js';

/**
 * The worker, from its environment to its end.
 * @returns the exit code of the process
 */
export async function runWorker(env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const config = loadConfig(env);
    const logger = createLogger(config.log.level);
    const host = await startHost(config, logger);
    const drain = async () => {
      logger.info('stopping when the running rooms have ended; a second signal ends them at once');
      await host.drain(config.worker.drainMs);
      await host.close();
    };
    const release = onStopSignals(
      () => void drain(),
      () => void host.close(),
    );
    await host.stopped.finally(release);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof HostError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

/** With what `.env` in the working directory adds to the environment; the processes of rooms inherit it. */
export function startFromEnvironment(): Promise<number> {
  readDotenv({ quiet: true });
  return runWorker(process.env);
}

if (isEntry(import.meta.url)) process.exit(await startFromEnvironment());
