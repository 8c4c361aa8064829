import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { s3ServerPath, startS3Server, type S3Server } from '../../src/devkit/s3-server.js';
import { createLogger } from '../../src/logging.js';
import type { StoreLocation } from '../../src/transcript/store/location.js';
import {
  type StoreTimes,
  type TranscriptConfig,
  TranscriptStore,
} from '../../src/transcript/store/store.js';

const BUCKET = 'calls';
const binary = s3ServerPath();

/** Whether there can be a server; says so where there cannot. */
export function hasS3Server(): boolean {
  const there = existsSync(binary);
  if (!there) console.warn(`no S3 server at ${binary} (npm test builds it with Go): skipped`);
  return there;
}

/**
 * A real S3 server for the tests of a block, and for each of them a folder, a place in the store that no other test
 * sees, and the variables that lead there.
 */
export class S3Scene {
  /** Of the test that runs: where a worker has its transcripts. */
  dir = '';
  #folder = '';
  #server: S3Server | undefined;
  #prefix = '';
  #stores: TranscriptStore[] = [];
  #tests = 0;

  /** To be called in the block. */
  constructor() {
    beforeAll(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), 's3-'));
      await this.start();
    });
    afterAll(async () => {
      await this.#server?.close();
      await rm(this.#folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      this.dir = await mkdtemp(join(tmpdir(), 'transcripts-'));
      this.#tests += 1;
      this.#prefix = `test-${this.#tests}/`;
      this.#stores = [];
      this.allow();
      vi.stubEnv('TRANSCRIPT_DIR', this.dir);
      vi.stubEnv('TRANSCRIPT_STORE', this.address(''));
    });
    afterEach(async () => {
      await Promise.all(this.#stores.map((store) => store.close()));
      vi.unstubAllEnvs();
      await rm(this.dir, { recursive: true, force: true });
    });
  }

  get location(): StoreLocation {
    return { bucket: BUCKET, prefix: this.#prefix };
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Where the server keeps what is in the store, each object a file. */
  get place(): string {
    return join(this.#folder, BUCKET, this.#prefix);
  }

  address(name: string): string {
    return `s3://${BUCKET}/${this.#prefix}${name}`;
  }

  /** Starts the server, at the address that it had before. */
  async start(): Promise<void> {
    const port = this.#server?.port;
    const options = { binary, folder: this.#folder, bucket: BUCKET };
    this.#server = await startS3Server({ ...options, ...(port !== undefined && { port }) });
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  /** From here on the server refuses us. */
  refuse(): void {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a wrong one');
  }

  /** From here on it takes what we send. */
  allow(): void {
    for (const [name, value] of Object.entries(this.#server?.env ?? {})) vi.stubEnv(name, value);
  }

  /** A worker's, which is closed with the test. */
  store(times: Partial<StoreTimes>, config: Partial<TranscriptConfig> = {}): TranscriptStore {
    const whole = { directory: this.dir, store: this.location, ...config };
    const store = new TranscriptStore(whole, createLogger('silent'), times);
    this.#stores.push(store);
    return store;
  }

  /** The names of the objects. */
  async names(): Promise<string[]> {
    return (await readdir(this.place).catch(() => [])).sort();
  }

  text(name: string): Promise<string> {
    return readFile(join(this.place, name), 'utf8');
  }
}
