import { once } from 'node:events';
import { createServer } from 'node:http';
import { TranscriptError } from '../../../transcript/errors.js';
import { ObjectStore } from '../../../transcript/store/objects.js';
import { storedJournals } from '../../../transcript/store/stored-journals.js';
import { contentType } from '../../../transcript/store/uploads.js';
import { assertFinite, type FuzzedParser, textParser } from '../fuzzed-parser.js';
import { listen, type OpenParsers } from './worker.js';

const NAME = 'RM_abc_20261123T082400123Z';
const NAMES = [
  `${NAME}.jsonl\n${NAME}.vtt\n${NAME}-2.jsonl`,
  `${NAME}.jsonl.000000000000\n${NAME}.jsonl.000000008192`,
];
const LISTINGS = [
  listing(NAMES.join('\n').split('\n'), '<IsTruncated>false</IsTruncated>'),
  listing(
    [`${NAME}.jsonl`],
    '<IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken>',
  ),
  '<Error><Code>AccessDenied</Code><Message>no</Message><RequestId>r</RequestId></Error>',
];

const CREDENTIALS = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'a' };

function listing(names: readonly string[], more: string): string {
  const contents = names.map(
    (name) =>
      `<Contents><Key>calls/${name}</Key><LastModified>2026-11-25T10:00:00.000Z</LastModified><Size>120</Size></Contents>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>b</Name><Prefix>calls/</Prefix>${more}${contents.join('')}</ListBucketResult>`;
}

/** What is made of the names of objects, whoever has put them there. */
const names: FuzzedParser = textParser({
  name: 'names in a store',
  seeds: NAMES,
  async read(text) {
    const objects = text.split('\n').map((name) => ({ name, size: 1, modified: 0 }));
    const list = () => Promise.resolve(objects);
    const store = { list, address: (name: string) => name } as unknown as ObjectStore;
    for (const { name, objects: parts } of await storedJournals(store)) {
      if (!name.endsWith('.jsonl') || parts.length === 0) throw new Error('a journal that is none');
    }
    for (const { name } of objects) contentType(name);
  },
});

/** What a store answers, by real sockets and the SDK. */
export async function openStoreParsers(): Promise<OpenParsers> {
  let answer = '';
  const server = createServer((request, response) => {
    request.resume();
    const status = answer.startsWith('<Error') ? 403 : 200;
    response.writeHead(status, { 'Content-Type': 'application/xml' }).end(answer);
  });
  // The SDK takes them from nowhere else.
  const before = { ...process.env };
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  Object.assign(process.env, { ...CREDENTIALS, AWS_ENDPOINT_URL_S3: endpoint });
  const store = new ObjectStore({ bucket: 'b', prefix: 'calls/' });
  return {
    parsers: [
      names,
      textParser({
        name: 'listing of a store',
        seeds: LISTINGS,
        async read(text) {
          answer = text;
          assertFinite(await store.list(''));
        },
        mayThrow: (error) => error instanceof TranscriptError && error.code === 'store_failed',
        slow: true,
      }),
    ],
    async close() {
      await store.close();
      process.env = before;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
