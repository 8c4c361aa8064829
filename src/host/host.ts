import { createServer } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  AgentServer,
  InferenceRunner,
  type JobRequest,
  ServerOptions,
  initializeLogger,
} from '@livekit/agents';
import type { Config } from '../config/config.js';
import type { Logger } from '../logging.js';

/** What LiveKit's own servers aim at: a worker that reports more load than this gets no room. */
const FULL_LOAD = 0.7;
/** More than a captioner takes at most for the last words and the transcript. */
const JOB_END_MS = 45_000;
/** For the rest of a process's end. One that is asked to end while it still starts does not hear it, and is killed then. */
const JOB_CLOSE_MS = 5000;
const PROCESS_START_MS = 30_000;

/** Where captioners live: the registration with LiveKit, and the processes that it starts for rooms. */
export interface Host {
  /** Resolves once the host has closed; rejects when it cannot go on. */
  readonly stopped: Promise<void>;
  /** Takes no new room and waits for the running ones to end, at most `limitMs`. Does not reject. */
  drain(limitMs: number): Promise<void>;
  /** Ends the running rooms, with their transcripts written, and disconnects. May be called more than once. */
  close(): Promise<void>;
}

/** The host cannot start, for a reason that whoever runs it can change. */
export class HostError extends Error {
  override readonly name = 'HostError';

  constructor(
    readonly code: 'health_port',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Registers a worker of `@livekit/agents`: one process a room, and one warm for the next. */
export async function startHost(config: Config, logger: Logger): Promise<Host> {
  await assertPortFree(config.worker.healthPort);
  quietTheFramework(config.log.level);
  const server = new AgentServer(serverOptions(config, logger));
  server.event.on('worker_registered', (worker: string) => {
    logger.info(
      { worker, agentName: config.worker.agentName || undefined },
      'ready: registered with LiveKit',
    );
  });
  return {
    stopped: server.run(),
    drain: (limitMs) =>
      server.drain(limitMs).catch((error: unknown) => {
        logger.warn({ err: error }, 'rooms were still running at the end of the drain');
      }),
    close: () => server.close(),
  };
}

function serverOptions(config: Config, logger: Logger): ServerOptions {
  const limit = config.worker.roomsPerProcess;
  const options = new ServerOptions({
    agent: fileURLToPath(new URL('./job.js', import.meta.url)),
    wsURL: config.livekit.url,
    apiKey: config.livekit.apiKey,
    apiSecret: config.livekit.apiSecret,
    port: config.worker.healthPort,
    numIdleProcesses: 1,
    // Rooms under way outlive an outage of the server, so it is never too late to register again.
    maxRetry: Number.POSITIVE_INFINITY,
    loadThreshold: FULL_LOAD,
    loadFunc: (server) => Promise.resolve((server.activeJobs.length / limit) * FULL_LOAD),
    requestFunc: (request) => acceptRoom(request, logger),
    initializeProcessTimeout: PROCESS_START_MS,
    sessionEndTimeout: JOB_END_MS,
    shutdownProcessTimeout: JOB_CLOSE_MS,
  });
  // The framework takes a name of its own variables where ours is empty, and empty means: every room.
  options.agentName = config.worker.agentName;
  return options;
}

async function acceptRoom(request: JobRequest, logger: Logger): Promise<void> {
  logger.info({ room: request.room?.sid, job: request.id }, 'taking a room');
  const identity = `captions-${request.id.replace(/^AJ_/, '')}`;
  await request.accept('Captions', identity, '', {
    'captions.v': '1',
    'captions.state': 'starting',
  });
}

/** Keeps the framework from starting and printing what captions do not need. */
function quietTheFramework(level: string): void {
  const verbose = level === 'debug' || level === 'trace';
  initializeLogger({ pretty: false, level: verbose ? level : 'warn' });
  // rtc-node, in the job processes, prints debug lines unless this is set.
  process.env['NODE_ENV'] ??= 'production';
  // Its watch over the event loop warns of every pause of a busy machine, and costs each process a thread.
  process.env['LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS'] ??= '0';
  // The one runner that would register itself is the end-of-turn model: a process of 138 MB that nobody asks.
  InferenceRunner.registerRunner = () => undefined;
}

/** The framework would end the process with a stack trace. */
async function assertPortFree(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, '0.0.0.0');
    await once(probe, 'listening');
  } catch (cause) {
    const message = `the port ${port} for health checks cannot be opened: set HEALTH_PORT to a free one`;
    throw new HostError('health_port', message, { cause });
  } finally {
    probe.close();
  }
}
