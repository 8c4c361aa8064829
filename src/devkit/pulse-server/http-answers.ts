import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Refusal } from './faults.js';

/** Answers a request with an error as both APIs send it. */
export function answerError(response: ServerResponse, refusal: Refusal): void {
  const { head, body } = errorParts(refusal);
  // A client that is still sending would get a reset before it has read the answer.
  response.req.resume();
  response.writeHead(refusal.status, { ...head, Connection: 'close' }).end(body);
}

/** Refuses an upgrade: nothing has been written to the socket yet, so the answer is put together by hand. */
export function refuseUpgrade(socket: Socket, refusal: Refusal): void {
  const { head, body } = errorParts(refusal);
  const lines = Object.entries({ ...head, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`;
  socket.end([status, ...lines, '', body].join('\r\n'));
}

function errorParts(refusal: Refusal): { head: Record<string, string>; body: string } {
  const requestId = randomUUID();
  const error = refusal.message ?? STATUS_CODES[refusal.status] ?? 'refused';
  const body = JSON.stringify({ error, request_id: requestId });
  const head: Record<string, string> = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': requestId,
  };
  if (refusal.retryAfter !== undefined) head['Retry-After'] = String(refusal.retryAfter);
  return { head, body };
}

/** What is wrong with the request's key, if anything. The key itself is never part of an answer. */
export function keyRefusal(
  header: string | undefined,
  apiKey: string | undefined,
): Refusal | undefined {
  if (apiKey === undefined || header === `Bearer ${apiKey}`) return undefined;
  return {
    status: 401,
    message: header === undefined ? 'send "Authorization: Bearer <key>"' : 'the key is wrong',
  };
}
