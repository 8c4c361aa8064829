import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Job, ServerMessage } from '@livekit/protocol';
import { pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { HostError } from '../../../host/errors.js';
import { LiveKitApi } from '../../../host/livekit-api.js';
import { readAlive } from '../../../host/process/alive.js';
import { Registration } from '../../../host/registration.js';
import { byteParser, type FuzzedParser, textParser } from '../fuzzed-parser.js';

const JOB = new Job({
  id: 'AJ_a',
  dispatchId: 'AD_a',
  room: { sid: 'RM_a', name: 'weekly', metadata: '{"captions":{"language":"fr"}}' },
  metadata: '{"language":"fr"}',
  agentName: 'captions',
});
const FRAMES = [
  new ServerMessage({ message: { case: 'availability', value: { job: JOB, resuming: false } } }),
  new ServerMessage({ message: { case: 'assignment', value: { job: JOB, token: 'a.b.c' } } }),
  new ServerMessage({ message: { case: 'termination', value: { jobId: 'AJ_a' } } }),
  new ServerMessage({ message: { case: 'pong', value: { lastTimestamp: 1n, timestamp: 2n } } }),
  new ServerMessage({ message: { case: 'register', value: { workerId: 'AW_a' } } }),
].map((message) => message.toBinary());

const LIVEKIT = {
  apiKey: 'key',
  apiSecret: 'a-secret-of-thirty-two-characters',
  sharedKey: undefined,
};
const WORKER = {
  ...{ agentName: '', roomsPerProcess: 1, maxLoad: 1, maxStreams: undefined },
  ...{ healthPort: 0, drainMs: 0 },
};

export interface OpenParsers {
  readonly parsers: readonly FuzzedParser[];
  close(): Promise<void>;
}

/** What LiveKit sends, by real sockets. */
export async function openWorkerParsers(): Promise<OpenParsers> {
  const http = createServer();
  const port = await listen(http);
  const link = new WorkerLink(http, port);
  const api = new LiveKitApi({
    livekit: { ...LIVEKIT, url: `ws://127.0.0.1:${port}` },
    worker: WORKER,
  });
  let answer = '';
  http.on('request', (request, response) => {
    request.resume();
    response.end(answer);
  });
  return {
    parsers: [
      byteParser({
        name: 'frame of the worker protocol',
        seeds: FRAMES,
        read: (frame) => link.feed(frame),
        slow: true,
      }),
      textParser({
        name: "LiveKit's answer to a call, and a captioner's in it",
        seeds: [JSON.stringify({ payload: JSON.stringify({ missing: ['RM_a', 'RM_b'] }) })],
        async read(text) {
          answer = text;
          const payload = await api.call('weekly', 'captions-1', 'captions.alive', '{}', 5000);
          readAlive(payload);
        },
        mayThrow: (error) => error instanceof HostError,
        slow: true,
      }),
    ],
    async close() {
      link.close();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

/** A worker that is registered, and the server's end of its socket. */
class WorkerLink {
  readonly #server: WebSocketServer;
  readonly #registration: Registration;
  #socket: WebSocket | undefined;
  #connected: () => void = () => undefined;
  #registered: (workerId: string) => void = () => undefined;
  #fed = 0;

  constructor(http: Server, port: number) {
    this.#server = new WebSocketServer({ server: http });
    this.#server.on('connection', (socket) => {
      this.#socket = socket;
      this.#connected();
    });
    this.#registration = new Registration(
      { livekit: { ...LIVEKIT, url: `ws://127.0.0.1:${port}` }, worker: WORKER },
      {
        registered: (workerId) => this.#registered(workerId),
        disconnected: () => undefined,
        available: () => Promise.resolve(undefined),
        assigned: () => undefined,
        terminated: () => undefined,
      },
      pino({ level: 'silent' }),
    );
    this.#registration.open();
  }

  /** Resolves when the worker has read the frame, or has dropped the connection for it. */
  async feed(frame: Uint8Array): Promise<void> {
    const socket = this.#socket ?? (await this.#connection());
    const workerId = `AW_${(this.#fed += 1)}`;
    const heard = new Promise<void>((resolve) => {
      this.#registered = (id) => {
        if (id === workerId) resolve();
      };
      socket.once('close', () => {
        if (this.#socket === socket) this.#socket = undefined;
        resolve();
      });
    });
    socket.send(frame);
    const message = { case: 'register', value: { workerId } } as const;
    socket.send(new ServerMessage({ message }).toBinary());
    await heard;
    socket.removeAllListeners('close');
  }

  close(): void {
    this.#registration.close();
    this.#server.close();
    for (const socket of this.#server.clients) socket.terminate();
  }

  async #connection(): Promise<WebSocket> {
    while (!this.#socket) await new Promise<void>((resolve) => (this.#connected = resolve));
    return this.#socket;
  }
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
