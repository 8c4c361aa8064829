import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf } from '../../error-code.js';

/**
 * Below those that systems give to connections by themselves (Linux from 32,768 on, others from 49,152), of which
 * anybody may get one between the look and its use.
 */
const PORTS = { first: 20_000, end: 32_768 };
const TRIES = 100;

/** A TCP port on loopback that was free a moment ago. @throws Error when it finds none */
export function freeTcpPort(): Promise<number> {
  return freePort(async (port) => {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });
}

/** A UDP port on loopback that was free a moment ago. @throws Error when it finds none */
export function freeUdpPort(): Promise<number> {
  return freePort(async (port) => {
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
    await once(socket, 'close');
  });
}

/** @param use takes a port and lets it go again; rejects with `EADDRINUSE` when somebody has it */
async function freePort(use: (port: number) => Promise<void>): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(PORTS.first, PORTS.end);
    try {
      await use(port);
      return port;
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`No free port on loopback from ${PORTS.first} to ${PORTS.end - 1}`);
}
