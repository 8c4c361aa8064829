import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import { TranscriptError } from '../errors.js';
import type { StoreLocation } from './location.js';

export interface StoredObject {
  /** Without the prefix of the location. */
  readonly name: string;
  readonly size: number;
  /** Unix milliseconds. */
  readonly modified: number;
}

/** The SDK, which is loaded when it is needed, and a client of it. */
interface Connection {
  readonly sdk: typeof S3;
  readonly client: S3.S3Client;
}

const CONNECT_MS = 5000;
const REQUEST_MS = 30_000;
/** A slower line than this is as good as none. */
const SLOWEST_BYTES_PER_MS = 50;
/** How many objects one request may delete. */
const DELETE_AT_ONCE = 1000;

/**
 * The objects at one place of S3, or of anything that speaks its protocol. Region, credentials and endpoint come from
 * the usual `AWS_*` variables and files. Each call is one try; whoever calls decides when to try again.
 * The SDK is loaded with the first call: who has no store does not pay for it.
 */
export class ObjectStore {
  readonly #location: StoreLocation;
  #client: Promise<Connection> | undefined;

  constructor(location: StoreLocation) {
    this.#location = location;
  }

  /** Where an object is, or would be. */
  address(name: string): string {
    return `s3://${this.#location.bucket}/${this.#location.prefix}${name}`;
  }

  /** @throws TranscriptError `store_failed`, as all of these */
  put(name: string, body: Uint8Array | string, type: string): Promise<void> {
    return this.#try(`put ${name}`, async ({ sdk, client }) => {
      const content = { Body: body, ContentType: type };
      const command = new sdk.PutObjectCommand({ ...this.#object(name), ...content });
      await client.send(command, { abortSignal: within(body.length) });
    });
  }

  /** @param size bytes from the beginning of the file */
  putFile(name: string, path: string, size: number, type: string): Promise<void> {
    if (size === 0) return this.put(name, '', type);
    return this.#try(`put ${name}`, async ({ sdk, client }) => {
      const file = createReadStream(path, { end: size - 1 });
      try {
        const content = { Body: file, ContentLength: size, ContentType: type };
        const command = new sdk.PutObjectCommand({ ...this.#object(name), ...content });
        await client.send(command, { abortSignal: within(size) });
      } finally {
        file.destroy();
      }
    });
  }

  /** @param range bytes, as in the HTTP header: `bytes=0-1023` */
  get(name: string, range?: string): Promise<Readable> {
    return this.#try(`get ${name}`, async ({ sdk, client }) => {
      const abortSignal = within(0);
      const command = new sdk.GetObjectCommand({
        ...this.#object(name),
        ...(range && { Range: range }),
      });
      const { Body } = await client.send(command, { abortSignal });
      // In Node it is one; the type is that of all platforms.
      return addAbortSignal(abortSignal, Body as Readable);
    });
  }

  /** @param prefix of the names; @returns in the order of their names */
  list(prefix: string): Promise<StoredObject[]> {
    const { bucket, prefix: place } = this.#location;
    return this.#try(`list ${prefix}`, async ({ sdk, client }) => {
      const found: StoredObject[] = [];
      let next: string | undefined;
      do {
        const query = { Bucket: bucket, Prefix: place + prefix, ContinuationToken: next };
        const abortSignal = within(0);
        const page = await client.send(new sdk.ListObjectsV2Command(query), { abortSignal });
        for (const { Key = '', Size, LastModified } of page.Contents ?? []) {
          const size = finite(Size);
          const modified = finite(LastModified?.getTime());
          found.push({ name: Key.slice(place.length), size, modified });
        }
        const more = page.IsTruncated ? page.NextContinuationToken : undefined;
        if (more !== undefined && more === next) throw new Error('the same page again and again');
        next = more;
      } while (next !== undefined);
      return found;
    });
  }

  delete(names: readonly string[]): Promise<void> {
    const { bucket, prefix } = this.#location;
    return this.#try(`delete ${names.length} objects`, async ({ sdk, client }) => {
      for (let from = 0; from < names.length; from += DELETE_AT_ONCE) {
        const Objects = names
          .slice(from, from + DELETE_AT_ONCE)
          .map((name) => ({ Key: prefix + name }));
        const command = new sdk.DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects, Quiet: true },
        });
        const { Errors = [] } = await client.send(command, { abortSignal: within(0) });
        if (Errors[0]) throw new Error(`${Errors[0].Code}: ${Errors[0].Message}`);
      }
    });
  }

  /** May be called more than once; the next call would open it again. */
  async close(): Promise<void> {
    const open = this.#client;
    this.#client = undefined;
    (await open?.catch(() => undefined))?.client.destroy();
  }

  #object(name: string) {
    return { Bucket: this.#location.bucket, Key: this.#location.prefix + name };
  }

  async #try<T>(what: string, call: (s3: Connection) => Promise<T>): Promise<T> {
    try {
      this.#client ??= openClient();
      return await call(await this.#client);
    } catch (cause) {
      const { bucket, prefix } = this.#location;
      const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      throw new TranscriptError(
        'store_failed',
        `The store s3://${bucket}/${prefix} cannot ${what} (${why}): see that it is there, and that the AWS_* variables give a region, an endpoint where it is not Amazon's, and a key that may write and list in it.`,
        { cause },
      );
    }
  }
}

/** The SDK makes no number of what is none, and says nothing of it. */
function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}

async function openClient(): Promise<Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const own = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  const client = new sdk.S3Client({
    // Stores of one's own have seldom a name for each bucket.
    forcePathStyle: Boolean(own),
    ...(own && !process.env['AWS_REGION'] && { region: 'us-east-1' }),
    maxAttempts: 1,
    // Some stores do not know the checksums that the SDK adds by itself.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS },
  });
  return { sdk, client };
}

function within(bytes: number): AbortSignal {
  return AbortSignal.timeout(REQUEST_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS));
}
