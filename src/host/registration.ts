import {
  type Job,
  JobStatus,
  JobType,
  ParticipantPermission,
  ServerMessage,
  WorkerMessage,
  WorkerStatus,
} from '@livekit/protocol';
import { AccessToken } from 'livekit-server-sdk';
import { WebSocket } from 'ws';
import type { Config } from '../config/config.js';
import type { Logger } from '../logging.js';
import { NAME, VERSION } from '../version.js';
import { retryDelayMs } from './retry.js';

/** Under which identity a job is taken, and what the participant says of itself from the start. */
export interface Acceptance {
  readonly identity: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RegistrationHandlers {
  /** @param version of the server; empty where it does not say */
  registered(workerId: string, version: string): void;
  disconnected(): void;
  /** A connection was lost, or there was none. @param problem what happened, and what to do */
  failed?(problem: string): void;
  /** Has to settle soon: the room waits, and a question without an answer is not asked again. Undefined refuses. */
  available(job: Job): Promise<Acceptance | undefined>;
  /** @param token joins the job's room under the identity that it was accepted with */
  assigned(job: Job, token: string): void;
  /** The server wants a job to end. It may name the wrong one: see `Supervisor`. */
  terminated(jobId: string): void;
}

export interface WorkerState {
  /** 0 to 1; the server gives nothing to a worker from 0.7 on. */
  readonly load: number;
  readonly full: boolean;
  readonly rooms: number;
}

type ClientMessage = Exclude<WorkerMessage['message'], { case: undefined }>;

/** The server gives a worker that long for each of the first steps. */
const OPEN_MS = 10_000;
const PING_MS = 10_000;
/** Of silence of a server that is pinged. */
const SILENCE_MS = 30_000;
/** A job brings the metadata of its room and its dispatch, for which servers may allow more than by default. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/**
 * The worker's place at the LiveKit server, over as many connections as it takes: where jobs are offered and load is
 * reported. Rooms do not depend on it. Source: `livekit_agent.proto` of `@livekit/protocol`.
 */
export class Registration {
  readonly #livekit: Config['livekit'];
  readonly #agentName: string;
  readonly #handlers: RegistrationHandlers;
  readonly #logger: Logger;
  readonly #timers = new Set<NodeJS.Timeout>();
  #socket: WebSocket | undefined;
  #registered = false;
  #state: WorkerState = { load: 0, full: false, rooms: 0 };
  #failures = 0;
  #heardAt = 0;
  #closed = false;

  constructor(
    config: Pick<Config, 'livekit' | 'worker'>,
    handlers: RegistrationHandlers,
    logger: Logger,
  ) {
    this.#livekit = config.livekit;
    this.#agentName = config.worker.agentName;
    this.#handlers = handlers;
    this.#logger = logger;
  }

  get registered(): boolean {
    return this.#registered;
  }

  /** Connects, and goes on trying for ever: it is never too late to register again. */
  open(): void {
    void this.#connect();
  }

  report(state: WorkerState): void {
    this.#state = state;
    if (this.#registered) this.#sendState();
  }

  jobRunning(jobId: string): void {
    this.#send({ case: 'updateJob', value: { jobId, status: JobStatus.JS_RUNNING } });
  }

  /** @param error why it failed; undefined when it ended well */
  jobEnded(jobId: string, error: string | undefined): void {
    const status = error === undefined ? JobStatus.JS_SUCCESS : JobStatus.JS_FAILED;
    this.#send({ case: 'updateJob', value: { jobId, status, error: error ?? '' } });
  }

  /** May be called more than once. */
  close(): void {
    this.#closed = true;
    this.#clearTimers();
    const socket = this.#socket;
    if (socket) {
      socket.removeAllListeners();
      // A socket that is torn down while it connects still reports that as an error.
      socket.on('error', () => undefined);
      if (socket.readyState === WebSocket.OPEN) socket.close(1000);
      else socket.terminate();
    }
    this.#socket = undefined;
    this.#registered = false;
  }

  async #connect(): Promise<void> {
    const token = new AccessToken(this.#livekit.apiKey, this.#livekit.apiSecret, { ttl: '1h' });
    token.addGrant({ agent: true });
    const authorization = `Bearer ${await token.toJwt()}`;
    if (this.#closed) return;
    const socket = new WebSocket(`${this.#livekit.url.replace(/\/+$/, '')}/agent`, {
      headers: { Authorization: authorization },
      handshakeTimeout: OPEN_MS,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
    });
    this.#socket = socket;
    let problem: string | undefined;
    socket
      .on('open', () => this.#onOpen())
      .on('message', (data, isBinary) => {
        if (isBinary && Buffer.isBuffer(data)) this.#onData(data);
      })
      .on('unexpected-response', (request, { statusCode = 0 }) => {
        problem = refusal(statusCode);
        request.destroy();
      })
      .on('error', (error) => {
        problem ??= `LiveKit cannot be reached (${error.message}): check LIVEKIT_URL and the network.`;
      })
      .on('close', (code) => this.#onClose(problem ?? `LiveKit closed the connection (${code}).`));
  }

  #onOpen(): void {
    this.#heardAt = performance.now();
    this.#send({
      case: 'register',
      value: {
        type: JobType.JT_ROOM,
        agentName: this.#agentName,
        version: `${NAME}/${VERSION}`,
        pingInterval: PING_MS / 1000,
        // What a captioner does and nothing more: it listens, sends data, and says how it is.
        allowedPermissions: new ParticipantPermission({
          canSubscribe: true,
          canPublishData: true,
          canUpdateMetadata: true,
          agent: true,
        }),
      },
    });
    this.#every(PING_MS, () => this.#ping());
    this.#after(OPEN_MS, () => {
      if (!this.#registered) this.#socket?.terminate();
    });
  }

  #ping(): void {
    if (performance.now() - this.#heardAt > SILENCE_MS) {
      this.#socket?.terminate();
      return;
    }
    this.#send({ case: 'ping', value: { timestamp: BigInt(Date.now()) } });
  }

  #onData(data: Buffer): void {
    this.#heardAt = performance.now();
    const message = readMessage(data);
    switch (message.case) {
      case 'register':
        this.#registered = true;
        this.#failures = 0;
        this.#sendState();
        this.#handlers.registered(message.value.workerId, message.value.serverInfo?.version ?? '');
        return;
      case 'availability':
        if (message.value.job) void this.#answer(message.value.job);
        return;
      case 'assignment':
        if (message.value.job) this.#handlers.assigned(message.value.job, message.value.token);
        return;
      case 'termination':
        this.#handlers.terminated(message.value.jobId);
        return;
      case 'pong':
      case undefined:
        return;
    }
  }

  async #answer(job: Job): Promise<void> {
    const accepted = await this.#handlers.available(job);
    const jobId = job.id;
    const value = accepted
      ? {
          jobId,
          available: true,
          participantIdentity: accepted.identity,
          participantName: accepted.name,
          participantAttributes: { ...accepted.attributes },
        }
      : { jobId, available: false };
    this.#send({ case: 'availability', value });
  }

  #onClose(problem: string): void {
    this.#clearTimers();
    this.#socket = undefined;
    const was = this.#registered;
    this.#registered = false;
    if (this.#closed) return;
    this.#failures += 1;
    // The first failure tells; an outage is not told every ten seconds.
    const level = this.#failures === 1 ? 'warn' : 'debug';
    this.#logger[level](`${problem} Running rooms go on; the worker registers again by itself.`);
    this.#handlers.failed?.(problem);
    if (was) this.#handlers.disconnected();
    this.#after(retryDelayMs(this.#failures, Math.random()), () => void this.#connect());
  }

  #sendState(): void {
    const { load, full, rooms } = this.#state;
    this.#send({
      case: 'updateWorker',
      value: {
        status: full ? WorkerStatus.WS_FULL : WorkerStatus.WS_AVAILABLE,
        load,
        jobCount: rooms,
      },
    });
  }

  #send(message: { case: ClientMessage['case']; value: object }): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(new WorkerMessage({ message: message as ClientMessage }).toBinary());
  }

  #every(ms: number, work: () => void): void {
    this.#timers.add(setInterval(work, ms));
  }

  #after(ms: number, work: () => void): void {
    this.#timers.add(setTimeout(work, ms));
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** What is no message of the protocol is like one that we do not know: later servers may send those. */
function readMessage(data: Buffer): ServerMessage['message'] {
  try {
    return ServerMessage.fromBinary(data).message;
  } catch {
    return { case: undefined };
  }
}

function refusal(status: number): string {
  if (status === 401 || status === 403) {
    return `LiveKit refuses the worker (${status}): check LIVEKIT_API_KEY and LIVEKIT_API_SECRET.`;
  }
  return `LiveKit answers the worker with status ${status}: check LIVEKIT_URL.`;
}
