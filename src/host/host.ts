import type { Config } from '../config/config.js';
import type { Logger } from '../logging.js';
import { HealthServer } from './health.js';
import { LiveKitApi } from './livekit-api.js';
import { Supervisor } from './supervisor.js';

export { HostError } from './errors.js';

/** Where captioners live: the registration with LiveKit, and the processes that rooms are in. */
export interface Host {
  /** Resolves once the host has closed. */
  readonly stopped: Promise<void>;
  /** Takes no new room and waits for the running ones to end, at most `limitMs`. Does not reject. */
  drain(limitMs: number): Promise<void>;
  /** Ends the running rooms, with their transcripts written, and disconnects. May be called more than once. */
  close(): Promise<void>;
}

/** @throws HostError */
export async function startHost(config: Config, logger: Logger): Promise<Host> {
  const supervisor = new Supervisor(config, new LiveKitApi(config), logger);
  const health = await HealthServer.open(config.worker.healthPort, {
    notReady: () => supervisor.notReady,
    metrics: () => supervisor.writeMetrics(),
  });
  supervisor.open();
  let stop: () => void;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  return {
    stopped,
    drain: (limitMs) => supervisor.drain(limitMs),
    async close() {
      await supervisor.close();
      await health.close();
      stop();
    },
  };
}
