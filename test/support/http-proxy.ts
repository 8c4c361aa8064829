import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface HttpProxyOptions {
  /** Of the server behind it, on loopback. */
  readonly port: number;
  /** What is answered in the server's place, also to who wants a WebSocket; undefined passes the request on. */
  readonly answer?: (
    path: string,
  ) => { readonly status: number; readonly body: string } | undefined;
  /** By how much the `Date` of each answer is later. */
  readonly clockMs?: number;
}

/** A way to an HTTP server of this machine, WebSockets too, on which single things go wrong. */
export async function startHttpProxy({ port, answer, clockMs = 0 }: HttpProxyOptions): Promise<{
  readonly port: number;
  /** Breaks every connection that there is; new ones are taken. */
  cut(): void;
  close(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((incoming, outgoing) => {
    const own = answer?.(incoming.url ?? '');
    if (own) {
      incoming.resume();
      outgoing.writeHead(own.status, { 'Content-Type': 'application/json' }).end(own.body);
      return;
    }
    const { url: path = '/', method = 'GET', headers } = incoming;
    const passed = ask({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const date = new Date(Date.parse(response.headers.date ?? '') + clockMs).toUTCString();
      outgoing.writeHead(response.statusCode ?? 502, { ...response.headers, date });
      response.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.on('connection', keep);
  server.on('upgrade', (incoming, socket) => {
    const own = answer?.(incoming.url ?? '');
    if (own) {
      const { status, body } = own;
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    keep(upstream);
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
      lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`);
    }
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
