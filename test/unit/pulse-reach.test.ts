import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { PulseReach } from '../../src/host/pulse-reach.js';

let server: Server | undefined;
let reach: PulseReach | undefined;
afterEach(async () => {
  reach?.close();
  server?.close();
  if (server?.listening) await once(server, 'close');
});

async function listening(): Promise<{ port: number; connections: number }> {
  const seen = { port: 0, connections: 0 };
  server = createServer((socket) => {
    seen.connections += 1;
    socket.on('error', () => undefined).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  seen.port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return seen;
}

function open(baseUrl: string): boolean[] {
  const changes: boolean[] = [];
  reach = new PulseReach(baseUrl, (reachable) => changes.push(reachable));
  reach.open();
  return changes;
}

test('an address that takes connections is reachable, once it was looked at', async () => {
  const { port } = await listening();
  const changes = open(`http://127.0.0.1:${port}/waves/v1`);
  expect(reach?.reachable).toBe(false);
  await expect.poll(() => changes).toEqual([true]);
  expect(reach?.reachable).toBe(true);
});

test('something that takes connections and does not speak TLS where it should is not reachable', async () => {
  const seen = await listening();
  const changes = open(`https://127.0.0.1:${seen.port}`);
  await expect.poll(() => changes).toEqual([false]);
  expect(seen.connections).toBe(1);
});

test('where nobody listens nothing is reachable, and closing twice is fine', async () => {
  const { port } = await listening();
  server?.close();
  await once(server as Server, 'close');
  const changes = open(`http://127.0.0.1:${port}`);
  await expect.poll(() => changes).toEqual([false]);
  reach?.close();
  reach?.close();
});
