import { WebSocket } from 'ws';

/** What these tests read of a message from the server. */
export interface ServerMessage {
  readonly type: string;
  readonly transcript?: string;
  readonly is_final?: boolean;
  readonly is_last?: boolean;
  readonly from_finalize?: boolean;
  readonly speech_final?: boolean;
  readonly language?: string;
  readonly languages?: readonly string[];
  readonly full_transcript?: string;
  readonly words?: readonly { word: string; start: number; end: number; confidence?: number }[];
  readonly utterances?: readonly { text: string; start: number; end: number }[];
  readonly timestamp?: number;
  readonly message?: string;
  readonly session_id?: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** The least of a Pulse client: it does nothing by itself, and keeps all that comes. */
export class BareClient {
  readonly raw: (string | Buffer)[] = [];
  readonly messages: ServerMessage[] = [];
  pongs = 0;
  private watchers: (() => void)[] = [];
  private end: Closed | undefined;

  private constructor(readonly ws: WebSocket) {
    ws.on('message', (data: Buffer, isBinary) => {
      this.raw.push(isBinary ? data : data.toString('utf8'));
      const message = isBinary ? undefined : parsed(data.toString('utf8'));
      if (message !== undefined) this.messages.push(message);
      this.wake();
    });
    ws.on('pong', () => {
      this.pongs += 1;
      this.wake();
    });
    ws.on('close', (code, reason) => {
      this.end = { code, reason: reason.toString('utf8') };
      this.wake();
    });
    ws.on('error', () => undefined);
  }

  /** Opens a stream at a server's base URL. The query gets `model` and `language` unless it has them. */
  static async open(
    baseUrl: string,
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<BareClient> {
    const parameters = new URLSearchParams({ model: 'pulse', language: 'en', ...query });
    const url = `${baseUrl.replace(/^http/, 'ws')}/stt/live?${parameters.toString()}`;
    const ws = new WebSocket(url, { headers });
    const client = new BareClient(ws);
    await new Promise<void>((resolve, reject) => ws.once('open', resolve).once('error', reject));
    return client;
  }

  /** Sends samples in pieces of 100 ms, as fast as the socket takes them. */
  send(samples: Int16Array, sampleRate = 16_000): void {
    for (let at = 0; at < samples.length; at += sampleRate / 10) {
      const piece = samples.slice(at, at + sampleRate / 10);
      this.ws.send(Buffer.from(piece.buffer));
    }
  }

  command(type: string): void {
    this.ws.send(JSON.stringify({ type }));
  }

  get finals(): ServerMessage[] {
    return this.messages.filter((message) => message.is_final);
  }

  /** The text of all finals. */
  get text(): string {
    return this.finals
      .map((message) => message.transcript ?? '')
      .filter((text) => text !== '')
      .join(' ');
  }

  /** Resolves when this is true, which is asked after everything that comes. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  async message(matches: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    let found: ServerMessage | undefined;
    await this.until(() => (found = this.messages.find(matches)) !== undefined);
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  async closed(): Promise<Closed> {
    await this.until(() => this.end !== undefined);
    return this.end ?? { code: 0, reason: '' };
  }

  /** Ends the stream in good order. */
  async finish(): Promise<Closed> {
    this.command('close_stream');
    return this.closed();
  }

  private wake(): void {
    const { watchers } = this;
    this.watchers = [];
    for (const watcher of watchers) watcher();
  }
}

/** The status with which the server refuses an upgrade, with its headers and body. */
export async function refusal(
  baseUrl: string,
  query: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const url = `${baseUrl.replace(/^http/, 'ws')}/stt/live?${new URLSearchParams(query).toString()}`;
  const ws = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    ws.on('open', () => reject(new Error('the upgrade was accepted')));
    ws.on('error', reject);
    ws.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
  });
}

function parsed(text: string): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'type' in value
      ? (value as ServerMessage)
      : undefined;
  } catch {
    return undefined;
  }
}
