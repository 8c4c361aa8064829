import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { answerBatch } from './batch.js';
import { Connection } from './connection.js';
import { Faults } from './faults.js';
import { answerError, keyRefusal, refuseUpgrade } from './http-answers.js';
import { type LiveOptions, parseLiveQuery } from './live-query.js';
import { errorMessage } from './messages.js';
import type { Recogniser } from './recogniser.js';
import { Stats } from './stats.js';

export interface PulseServerOptions {
  /** Closed together with the server. */
  readonly recogniser: Recogniser;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Without one, any key and none is welcome. */
  readonly apiKey?: string;
  readonly log?: (line: string) => void;
  readonly faults?: Faults;
  /** Largest batch body in bytes. Default 250 MB, as in the vendor's reference. */
  readonly mostBatchBytes?: number;
}

export interface PulseServer {
  /** What `SMALLEST_BASE_URL` must be to reach this server. */
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  readonly stats: Stats;
  /** Refuses TCP connections, as if the machine were not there. Open streams go on. */
  down(): void;
  /** Takes connections again, on the same port. */
  up(): Promise<void>;
  /** Drops all streams and closes the recogniser. May be called twice. */
  close(): Promise<void>;
}

const BASE = '/waves/v1';

/** A local stand-in for the streaming and the batch API of Pulse. */
export async function startPulseServer(options: PulseServerOptions): Promise<PulseServer> {
  const server = new Server(options);
  await server.listen(options.port ?? 0);
  return server;
}

class Server implements PulseServer {
  readonly faults: Faults;
  readonly stats = new Stats();
  port = 0;
  private readonly http = createServer();
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    autoPong: false,
    maxPayload: 1 << 20,
  });
  private readonly sockets = new Set<Socket>();
  private readonly host: string;
  private readonly told = new Set<string>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: PulseServerOptions) {
    this.faults = options.faults ?? new Faults();
    this.host = options.host ?? '127.0.0.1';
    this.http.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      // A client that vanishes is nothing to report.
      socket.on('error', () => undefined);
    });
    this.http.on('request', (request, response) => void this.answer(request, response));
    this.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  get url(): string {
    const name = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `http://${name}:${this.port}${BASE}`;
  }

  async listen(port: number): Promise<void> {
    this.http.listen(port, this.host);
    await once(this.http, 'listening');
    const address = this.http.address();
    this.port = typeof address === 'object' && address !== null ? address.port : port;
  }

  down(): void {
    this.http.close();
  }

  async up(): Promise<void> {
    if (!this.http.listening) await this.listen(this.port);
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    this.http.close();
    const ends = [...this.sockets].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve).destroy()),
    );
    await Promise.all(ends);
    await this.options.recogniser.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://local');
    const path = url.pathname.replace(/\/$/, '');
    if (path === '/health' || path === '/healthz') {
      this.answerHealth(response);
      return;
    }
    if (path !== `${BASE}/stt`) {
      answerError(response, { status: path === `${BASE}/stt/live` ? 426 : 404 });
      return;
    }
    if (request.method !== 'POST') {
      answerError(response, { status: 405 });
      return;
    }
    this.stats.batchRequests += 1;
    const refusal =
      this.faults.takeRefusal('batch') ??
      keyRefusal(request.headers.authorization, this.options.apiKey);
    if (refusal !== undefined) {
      answerError(response, refusal);
      return;
    }
    try {
      const most = this.options.mostBatchBytes ?? 250_000_000;
      await answerBatch(request, response, url.searchParams, this.options.recogniser, most);
    } catch (error) {
      this.options.log?.(`a batch request failed: ${String(error)}`);
      if (!response.headersSent) answerError(response, { status: 500 });
    }
  }

  private answerHealth(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(
      JSON.stringify({
        status: 'ok',
        service: 'local stand-in for Pulse',
        recogniser: this.options.recogniser.name,
        streams: this.stats.current,
      }),
    );
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!(socket instanceof Socket)) return;
    if (this.faults.ignoresUpgrades) {
      // Read, or the end of the connection would go unnoticed.
      socket.resume();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://local');
    const parsed = parseLiveQuery(url.searchParams);
    const refusal =
      this.faults.takeRefusal('live') ??
      (url.pathname === `${BASE}/stt/live` ? undefined : { status: 404 }) ??
      keyRefusal(request.headers.authorization, this.options.apiKey) ??
      ('faults' in parsed ? { status: 400, message: parsed.faults.join('; ') } : undefined);
    if (refusal !== undefined || 'faults' in parsed) {
      this.stats.refused += 1;
      refuseUpgrade(socket, refusal ?? { status: 400 });
      return;
    }
    this.open(request, socket, head, parsed.options);
  }

  private open(request: IncomingMessage, socket: Socket, head: Buffer, options: LiveOptions): void {
    this.webSockets.handleUpgrade(request, socket, head, (ws) => {
      if (this.stats.current >= this.faults.streamLimit) {
        this.stats.limited += 1;
        ws.on('error', () => undefined);
        ws.send(errorMessage('all concurrent streams of this account are in use'));
        ws.close(1008, 'concurrency limit');
        return;
      }
      const record = this.stats.open(randomUUID(), request.url ?? '', visibleHeaders(request));
      this.tellIgnored(options.ignored);
      const { recogniser } = this.options;
      new Connection({ ws, socket, options, recogniser, faults: this.faults, record });
    });
  }

  private tellIgnored(names: readonly string[]): void {
    const news = names.filter((name) => !this.told.has(name));
    if (news.length === 0) return;
    for (const name of news) this.told.add(name);
    this.options.log?.(`this stand-in for Pulse ignores ${news.join(', ')}`);
  }
}

/** The headers that say who calls, never the key. */
function visibleHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).filter(([name]) => name.startsWith('x-'));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
