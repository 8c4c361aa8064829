import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf } from '../error-code.js';
import { failed, ok, type Verdict, warning } from './finding.js';

/** Whether a worker could open its port now. */
export async function checkHealthPort(port: number): Promise<Verdict> {
  const server = createServer();
  try {
    server.listen(port, '0.0.0.0');
    await once(server, 'listening');
    server.close();
    return ok(port === 0 ? 'any that is free' : `${port} is free`);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE') {
      return warning(
        `${port} is taken: by a worker that runs here already? Otherwise set HEALTH_PORT to another`,
      );
    }
    return failed(`${port} cannot be opened (${code}): set HEALTH_PORT to one from 1024 on`);
  }
}
