import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOwned } from '../process.js';

export interface DemoWorker {
  readonly pid: number | undefined;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<unknown>;
  /** Lets it end its rooms and write their transcripts; ends it by force if that takes too long. Idempotent. */
  stop(): Promise<void>;
}

const MAIN = new URL('../../main.js', import.meta.url);
/** Pino's levels. */
const WARNING = 40;
const ERROR = 50;
const DRAIN_SECONDS = 10;
const READY_MS = 60_000;
const PATIENCE_MS = 20_000;

/**
 * Starts the worker as a process of its own, as in production, and waits until it takes rooms.
 * @param main what it runs: another build's, or ours
 * @throws Error with what it said, when it ends before.
 */
export async function startWorker(
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
  signal: AbortSignal,
  main = fileURLToPath(MAIN),
): Promise<DemoWorker> {
  signal.throwIfAborted();
  const events = new EventEmitter();
  const registered = once(events, 'ready');
  const worker = startOwned(process.execPath, [main], {
    env: { DRAIN_SECONDS: String(DRAIN_SECONDS), ...env, LOG_LEVEL: 'info' },
    // Not where a file .env may be: what is in it is meant for production.
    cwd: fileURLToPath(new URL('.', MAIN)),
    onLine: (line) => {
      const entry = parseLogLine(line);
      if (entry?.msg.startsWith('ready')) events.emit('ready');
      if (!entry) log(line);
      else if (entry.level >= (entry.ours ? WARNING : ERROR)) log(entry.msg);
    },
  });
  // Only until it is ready: afterwards it is stopped in order, by whoever has it.
  const cancel = () => void worker.kill();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_MS)]);
  limit.addEventListener('abort', cancel);
  await Promise.race([registered, worker.exited]);
  limit.removeEventListener('abort', cancel);
  if (!worker.running) {
    throw new Error(`The worker did not register with LiveKit:\n${worker.lastLines()}`);
  }

  const endsWithin = async (ms: number) => {
    const timer = new AbortController();
    const timeout = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([worker.exited, timeout]);
    timer.abort();
    return !worker.running;
  };
  return {
    pid: worker.pid,
    exited: worker.exited,
    async stop() {
      // The first signal drains, the second ends the rooms that still go on.
      for (let signals = 0; signals < 2 && worker.running; signals += 1) {
        worker.signal('SIGTERM');
        if (await endsWithin(PATIENCE_MS)) break;
      }
      await worker.kill();
    },
  };
}

interface LogLine {
  readonly level: number;
  readonly msg: string;
  /** Not the framework's, whose warnings are for those who develop agents. Only its lines name the host. */
  readonly ours: boolean;
}

function parseLogLine(line: string): LogLine | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null) return undefined;
    if (!('level' in entry) || typeof entry.level !== 'number') return undefined;
    if (!('msg' in entry) || typeof entry.msg !== 'string') return undefined;
    return { level: entry.level, msg: entry.msg, ours: !('hostname' in entry) };
  } catch {
    return undefined;
  }
}
