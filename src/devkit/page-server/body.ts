import type { IncomingMessage } from 'node:http';
import { RequestError } from './errors.js';

const LARGEST_BODY = 4096;

/** The JSON text of a request, within bounds. Throws `RequestError`. */
export async function readJsonBody(request: IncomingMessage): Promise<string> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new RequestError(415, 'not_json', 'Send JSON, with that content type.');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early must not end the connection: the answer goes out on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new RequestError(413, 'too_large', 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
