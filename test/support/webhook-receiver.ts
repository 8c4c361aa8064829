import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebhookReceiver } from 'livekit-server-sdk';
import type { WebhookEvent } from '../../src/transcript/webhook/events.js';

export const HOOK_KEY = { apiKey: 'hook-key', apiSecret: 'a-secret-that-is-long-enough-for-hmac' };

/** A real HTTP server that takes what LiveKit's own SDK takes, and refuses the rest. */
export interface TestReceiver {
  readonly url: string;
  /** What it has taken, in its order, doubles too. */
  readonly events: readonly WebhookEvent[];
  /** What the SDK made of them. */
  readonly verified: readonly { readonly event: string; readonly id: string; room: string }[];
  /** How often it was asked. */
  readonly requests: number;
  /** What it answers from now on although it has verified an event; 200 at first. */
  status: number;
  close(): Promise<void>;
}

/** @param key what events are signed with */
export async function startReceiver({ apiKey, apiSecret } = HOOK_KEY): Promise<TestReceiver> {
  const sdk = new WebhookReceiver(apiKey, apiSecret);
  const events: WebhookEvent[] = [];
  const verified: { event: string; id: string; room: string }[] = [];
  let requests = 0;
  let status = 200;
  const server = createServer((request, response) => {
    void (async () => {
      requests += 1;
      const body = await text(request);
      const { event, id, room } = await sdk.receive(body, request.headers.authorization);
      if (status === 200) {
        events.push(JSON.parse(body) as WebhookEvent);
        verified.push({ event, id, room: room?.name ?? '' });
      }
      response.writeHead(status).end('thanks');
    })().catch(() => response.writeHead(401).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    events,
    verified,
    get requests() {
      return requests;
    },
    get status() {
      return status;
    },
    set status(next) {
      status = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
