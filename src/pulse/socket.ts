import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import {
  errorFromClose,
  errorFromNetwork,
  errorFromStatus,
  parseRetryAfter,
  PulseError,
} from './errors.js';

export interface SocketHandlers {
  opened(): void;
  /** A text frame. */
  message(data: string): void;
  /** More audio than is good waits for the network; `drained` follows when it has gone. */
  blocked(): void;
  drained(): void;
  /** Once, and nothing after it. */
  lost(error: PulseError): void;
}

/** A half-open connection shows itself at the second ping. */
const PING_EVERY_MS = 10_000;
/** Of audio that waits for the network: 8 s at 16 kHz. */
const MAX_WAITING_BYTES = 256 * 1024;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 4096;

/** One connection to the streaming API, from its request to its loss. It decides nothing. */
export class PulseSocket {
  readonly #socket: WebSocket;
  #ping: NodeJS.Timeout | undefined;
  #ponged = true;
  #blocked = false;
  #done = false;

  constructor(
    url: URL,
    headers: Readonly<Record<string, string>>,
    private readonly handlers: SocketHandlers,
  ) {
    this.#socket = new WebSocket(url, {
      headers: { ...headers },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.#socket
      .on('open', () => {
        this.#ping = setInterval(() => this.#checkAlive(), PING_EVERY_MS);
        handlers.opened();
      })
      .on('message', (data, isBinary) => {
        // `ws` gives one Buffer a message; the API sends no binary ones.
        if (!isBinary && Buffer.isBuffer(data)) handlers.message(data.toString('utf8'));
      })
      .on('pong', () => {
        this.#ponged = true;
      })
      .on('unexpected-response', (request, response) => {
        this.#refused(response, () => request.destroy());
      })
      .on('error', (error) => this.#lose(errorFromNetwork(error)))
      .on('close', (code, reason) => this.#lose(errorFromClose(code, reason.toString('utf8'))));
  }

  /** Of what was sent and the network has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  sendAudio(bytes: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(bytes, { binary: true }, this.#onSent);
    if (this.#blocked || this.#socket.bufferedAmount < MAX_WAITING_BYTES) return;
    this.#blocked = true;
    this.handlers.blocked();
  }

  sendJson(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Closes at once, without waiting for the other side; no handler is called any more. */
  drop(): void {
    this.#stop();
    // The close frame goes into the system's buffer before the socket is destroyed, unless that is full.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    this.#socket.terminate();
  }

  /** A failure to send comes as the loss of the connection too. */
  readonly #onSent = (): void => {
    if (!this.#blocked || this.#done || this.#socket.bufferedAmount >= MAX_WAITING_BYTES / 2)
      return;
    this.#blocked = false;
    this.handlers.drained();
  };

  #lose(error: PulseError): void {
    if (this.#done) return;
    this.#stop();
    this.#socket.terminate();
    this.handlers.lost(error);
  }

  #stop(): void {
    this.#done = true;
    clearInterval(this.#ping);
    this.#socket.removeAllListeners();
    // A socket that is torn down while it connects still reports that as an error.
    this.#socket.on('error', () => undefined);
  }

  #checkAlive(): void {
    if (!this.#ponged) {
      this.#lose(
        new PulseError('silent', 'Pulse does not answer pings: the connection is opened again.'),
      );
      return;
    }
    this.#ponged = false;
    this.#socket.ping();
  }

  /** The upgrade was answered with a status instead: the body's beginning tells why. */
  #refused(response: IncomingMessage, destroy: () => void): void {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (): void => {
      destroy();
      const header = response.headers['x-request-id'];
      this.#lose(
        errorFromStatus(
          response.statusCode ?? 0,
          reasonIn(Buffer.concat(chunks).toString('utf8')),
          {
            requestId: Array.isArray(header) ? header[0] : header,
            retryAfterMs: parseRetryAfter(response.headers['retry-after'], Date.now()),
          },
        ),
      );
    };
    response
      .on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_REFUSAL_BYTES) chunks.push(chunk);
        else finish();
      })
      .on('end', finish)
      .on('error', finish);
  }
}

/** The vendor's sentence in a refusal's body: `{"error"}`, `{"message"}`, or the text itself. */
export function reasonIn(body: string): string {
  try {
    const raw: unknown = JSON.parse(body);
    if (typeof raw === 'object' && raw !== null) {
      if ('error' in raw && typeof raw.error === 'string') return raw.error;
      if ('message' in raw && typeof raw.message === 'string') return raw.message;
    }
  } catch {
    // Not JSON: proxies answer with a page or a line of text.
  }
  return body.trimStart().startsWith('<') ? '' : body;
}
