import { startWorker } from '../../demo/worker.js';

/** Whatever captions rooms: a program that is started with an environment, registers with LiveKit, and ends. */
export interface Contender {
  readonly name: string;
  /** @throws Error with what it said, when it does not register */
  start(
    env: NodeJS.ProcessEnv,
    log: (line: string) => void,
    signal: AbortSignal,
  ): Promise<RunningContender>;
}

export interface RunningContender {
  readonly pid: number;
  stop(): Promise<void>;
}

/** The worker of this package, as built; or of another build. */
export function ourWorker(main: string | undefined): Contender {
  return {
    name: 'livekit-pulse-captions',
    async start(env, log, signal) {
      const worker = await startWorker(env, log, signal, main);
      return { pid: requirePid(worker.pid), stop: () => worker.stop() };
    },
  };
}

export function requirePid(pid: number | undefined): number {
  if (pid === undefined) throw new Error('The program could not be started.');
  return pid;
}
