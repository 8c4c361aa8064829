import { connect } from 'node:net';
import { startPageServer } from '../../page-server.js';
import { RequestError } from '../../page-server/errors.js';
import { makeIdentity, parseJoinRequest } from '../../page-server/token.js';
import { type FuzzedParser, textParser } from '../fuzzed-parser.js';
import type { OpenParsers } from './worker.js';

const BODY = '{"room":"weekly","name":"Alice Ng"}';
const REQUESTS = [
  `POST /api/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`,
  'GET /?room=weekly HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "tag"\r\nConnection: close\r\n\r\n',
  'GET /api/config HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nConnection: close\r\n\r\n',
];

const joinRequest: FuzzedParser = textParser({
  name: 'request for a token',
  seeds: [BODY],
  read(text) {
    const { room, name } = parseJoinRequest(text);
    if (/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(room + name)) throw new Error('unseen');
    if (!/^[a-z0-9-]{1,40}$/.test(makeIdentity(name))) throw new Error('its identity');
  },
  mayThrow: (error) => error instanceof RequestError,
});

/** What browsers, and those who are none, send to the page's server. */
export async function openPageParsers(): Promise<OpenParsers> {
  const asset = { body: Buffer.from('page'), type: 'text/html', etag: '"tag"' };
  const server = await startPageServer({
    livekitUrl: 'ws://127.0.0.1:7880',
    apiKey: 'key',
    apiSecret: 'a-secret-of-thirty-two-characters',
    port: 0,
    defaultRoom: 'demo',
    assets: { files: new Map([['/', asset]]), scriptHashes: [] },
  });
  const port = Number(new URL(server.url).port);
  return {
    parsers: [
      joinRequest,
      textParser({
        name: 'request of the page',
        seeds: REQUESTS,
        async read(request) {
          const answer = await ask(port, request);
          if (answer.startsWith('HTTP/1.1 5')) throw new Error(answer.slice(0, 200));
        },
        slow: true,
      }),
    ],
    close: () => server.close(),
  };
}

/** @returns what was answered until the connection ended; a request that is not whole ends with our side */
function ask(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.end(request));
    socket
      .setEncoding('utf8')
      .on('data', (text: string) => (answer += text))
      // It may close while we still send: what it has answered until then counts.
      .on('error', () => undefined)
      .on('close', () => resolve(answer));
  });
}
