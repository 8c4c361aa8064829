import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { HostError } from './errors.js';

export interface HealthSource {
  /** Why the worker takes no rooms, as a line; undefined while it does. */
  readonly notReady: () => string | undefined;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

/** `/healthz`: this process is alive. `/readyz`: it takes rooms. `/metrics`: what the whole worker measures. */
export class HealthServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws HostError `health_port` */
  static async open(port: number, source: HealthSource): Promise<HealthServer> {
    const server = createServer((request, response) => {
      void answer(request.url?.split('?')[0] ?? '', source).then(({ status, text, type }) => {
        response.writeHead(status, { 'Content-Type': type ?? 'text/plain' }).end(text);
      });
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

/** Never rejects. */
async function answer(path: string, { notReady, metrics }: HealthSource): Promise<Answer> {
  switch (path) {
    case '/healthz':
      return { status: 200, text: 'alive\n' };
    case '/readyz': {
      const reason = notReady();
      return reason === undefined
        ? { status: 200, text: 'ready\n' }
        : { status: 503, text: `${reason}\n` };
    }
    case '/metrics':
      return metrics().then(
        (text) => ({ status: 200, text, type: PROMETHEUS }),
        () => ({ status: 500, text: 'the metrics could not be put together\n' }),
      );
    default:
      return { status: 404, text: 'there are /healthz, /readyz and /metrics\n' };
  }
}
