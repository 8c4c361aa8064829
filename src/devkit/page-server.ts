import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseUrl } from '../pulse/parse-url.js';
import { type Assets, loadAssets } from './page-server/assets.js';
import { readJsonBody } from './page-server/body.js';
import { PageServerError, RequestError } from './page-server/errors.js';
import { assertOwnRequest, isLoopback, securityHeaders } from './page-server/headers.js';
import { makeIdentity, makeToken, parseJoinRequest } from './page-server/token.js';

export { PageServerError };

export interface PageServerOptions {
  /** Where browsers reach LiveKit: `ws(s)://` or `http(s)://`. */
  readonly livekitUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** `127.0.0.1` unless told otherwise. On any other address, everybody who reaches it may join any room. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The room that the form proposes. */
  readonly defaultRoom: string;
  /** The page's files, if not the built ones. */
  readonly assets?: Assets;
}

export interface PageServer {
  /** Without a path, and without a slash at the end. */
  readonly url: string;
  /** Ends every connection. May be called again. */
  close(): Promise<void>;
}

/** Serves the meeting page, and tokens for it. Throws `PageServerError`. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { host = '127.0.0.1', port } = options;
  const livekit = socketUrl(options.livekitUrl);
  const assets = options.assets ?? (await loadAssets());
  const headers = securityHeaders(livekit, assets.scriptHashes);
  const boundToLoopback = isLoopback(host);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    try {
      assertOwnRequest(request.headers, boundToLoopback);
      await route(request, response);
    } catch (error) {
      answerError(response, error);
    }
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === '/api/token') {
      allow(request, response, ['POST']);
      const join = parseJoinRequest(await readJsonBody(request));
      const identity = makeIdentity(join.name);
      const token = await makeToken(options, join, identity);
      answerJson(response, 200, { url: livekitAddress(livekit), token, identity });
      return;
    }
    if (path === '/api/config') {
      allow(request, response, ['GET', 'HEAD']);
      answerJson(response, 200, { defaultRoom: options.defaultRoom });
      return;
    }
    const asset = assets.files.get(path);
    if (!asset) throw new RequestError(404, 'not_found', 'There is nothing at this address.');
    allow(request, response, ['GET', 'HEAD']);
    response.setHeader('ETag', asset.etag);
    // Asked for again each time, so that a new build shows at once; the tag makes that cheap.
    response.setHeader('Cache-Control', 'no-cache');
    if (request.headers['if-none-match'] === asset.etag) {
      response.writeHead(304).end();
      return;
    }
    response.setHeader('Content-Type', asset.type);
    response.setHeader('Content-Length', asset.body.length);
    response.end(asset.body);
  };

  const server = createServer((request, response) => void handle(request, response));
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  await listen(server, host, port);
  const address = server.address() as AddressInfo;

  let closing: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: () =>
      (closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}

function socketUrl(given: string): URL {
  const url = parseUrl(given.replace(/^http/i, 'ws'));
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:') {
    throw new PageServerError(
      'bad_livekit_url',
      'LIVEKIT_URL has to begin with ws://, wss://, http:// or https://.',
    );
  }
  return url;
}

function livekitAddress(url: URL): string {
  return url.href.replace(/\/$/, '');
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(
        new PageServerError(
          'cannot_listen',
          `The meeting page cannot be served at ${host}:${port} (${cause.message}). Choose another port.`,
          { cause },
        ),
      );
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function allow(request: IncomingMessage, response: ServerResponse, methods: readonly string[]) {
  if (methods.includes(request.method ?? '')) return;
  response.setHeader('Allow', methods.join(', '));
  throw new RequestError(405, 'method', `Use ${methods.join(' or ')} here.`);
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.writeHead(status).end(JSON.stringify(value));
}

function answerError(response: ServerResponse, error: unknown): void {
  // Whatever else happened while a request was read or answered: the browser is gone, or the fault is ours.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const known =
    error instanceof RequestError
      ? error
      : new RequestError(500, 'internal', 'The page server failed. Start the demo again.');
  // What is left of a refused body is not read.
  response.setHeader('Connection', 'close');
  answerJson(response, known.status, { error: { code: known.code, message: known.message } });
}
