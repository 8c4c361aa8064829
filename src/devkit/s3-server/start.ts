import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeTcpPort } from '../livekit-server/ports.js';
import { startOwned } from '../process.js';

export interface S3ServerOptions {
  /** From `ensureS3Server`. */
  readonly binary: string;
  /** Where it keeps objects: a folder below this one for each bucket. */
  readonly folder: string;
  readonly bucket: string;
  /** Default: a free one. A server that is to come back after `close` needs the same. */
  readonly port?: number;
}

/** An S3 server on loopback that lasts at most as long as this process. */
export interface S3Server {
  readonly port: number;
  /** What a client of it needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills it; what it has stored stays. Idempotent. */
  close(): Promise<void>;
}

const READY_MS = 20_000;
const ACCESS_KEY = 'transcripts';
const SECRET_KEY = randomBytes(16).toString('hex');

/** @throws Error when it does not come up, with the last lines that it printed */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const port = options.port ?? (await freeTcpPort());
  // Buckets are folders.
  await mkdir(join(options.folder, options.bucket), { recursive: true });
  const program = startOwned(
    options.binary,
    ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--nometa', options.folder],
    { env: { ...process.env, ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY } },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_MS;
  while (!(await answers(endpoint))) {
    if (program.running && Date.now() < deadline) {
      await sleep(30);
      continue;
    }
    const lines = program.lastLines();
    await program.kill();
    throw new Error(`The S3 server (${options.binary}) did not start. It said:\n${lines}`);
  }
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  };
  return { port, env, close: () => program.kill() };
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}
