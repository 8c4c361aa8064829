import { parseArgs } from 'node:util';
import { isEntry } from '../../cli/entry.js';
import { codeOf } from '../../error-code.js';
import { ensureModel, ModelError } from '../model.js';
import { startPulseServer } from './index.js';
import { createMoonshineRecogniser } from './moonshine/index.js';

const HELP = `A local stand-in for the Pulse speech API, with an offline recogniser for English.

  node dist/devkit/pulse-server/main.js [--port 8790] [--host 127.0.0.1] [--api-key <key>]

The environment has the same as PULSE_SERVER_PORT, PULSE_SERVER_HOST and SMALLEST_API_KEY.
Without a key any is accepted.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: process.env['PULSE_SERVER_PORT'] ?? '8790' },
      host: { type: 'string', default: process.env['PULSE_SERVER_HOST'] ?? '127.0.0.1' },
      'api-key': { type: 'string', default: process.env['SMALLEST_API_KEY'] ?? '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError('the port must be a whole number from 0 to 65535');
  }
  const log = (line: string) => console.log(line);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

  const model = await ensureModel(log, stop.signal);
  const recogniser = await createMoonshineRecogniser(model);
  const key = values['api-key'];
  const server = await startPulseServer({
    recogniser,
    port,
    host: values.host,
    log,
    ...(key !== '' && { apiKey: key }),
  });
  log(
    'This is NOT Pulse. It is a local stand-in that speaks the same protocol, for trying out and tests.',
  );
  log(`It listens with ${recogniser.name}. Nothing leaves this machine.`);
  log(`SMALLEST_BASE_URL=${server.url}`);
  if (!stop.signal.aborted) {
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
  }
  await server.close();
}

/** What went wrong, for people: these say themselves what to do. */
function explained(error: unknown): string {
  if (error instanceof ModelError || error instanceof RangeError) return error.message;
  if (error instanceof Error && codeOf(error) === 'EADDRINUSE') {
    return `${error.message}. Another program has this port: choose one with --port, or 0 for any.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (isEntry(import.meta.url)) {
  main().catch((error: unknown) => {
    const stopped = error instanceof Error && error.name === 'AbortError';
    if (!stopped) console.error(explained(error));
    process.exitCode = stopped ? 130 : 1;
  });
}
