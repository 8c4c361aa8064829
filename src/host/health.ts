import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { HostError } from './errors.js';

/** `/healthz`: this process is alive. `/readyz`: it takes rooms. */
export class HealthServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws HostError `health_port` */
  static async open(port: number, isReady: () => boolean): Promise<HealthServer> {
    const server = createServer((request, response) => {
      const path = request.url?.split('?')[0];
      const ready = isReady();
      const [status, text] =
        path === '/healthz'
          ? [200, 'alive']
          : path === '/readyz'
            ? [ready ? 200 : 503, ready ? 'ready' : 'not registered with LiveKit']
            : [404, 'there are /healthz and /readyz'];
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`);
    });
    try {
      server.listen(port, '0.0.0.0');
      await once(server, 'listening');
    } catch (cause) {
      const message = `the port ${port} for health checks cannot be opened: set HEALTH_PORT to a free one`;
      throw new HostError('health_port', message, { cause });
    }
    return new HealthServer(server);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
