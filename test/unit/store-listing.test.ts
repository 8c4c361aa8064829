import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ObjectStore } from '../../src/transcript/store/objects.js';

/** What the store answers, by the token of the page that is asked for. */
let page: (token: string | null) => string;
let server: Server;
let store: ObjectStore;

beforeEach(async () => {
  server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://store');
    const inside = page(searchParams.get('continuation-token'));
    response.setHeader('Content-Type', 'application/xml');
    response.end(`<ListBucketResult>${inside}</ListBucketResult>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a');
  store = new ObjectStore({ bucket: 'bucket', prefix: 'calls/' });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await store.close();
  server.closeAllConnections();
  server.close();
});

const contents = (name: string, size: string) =>
  `<Contents><Key>calls/${name}</Key><Size>${size}</Size></Contents>`;
const more = (token: string) =>
  `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`;

test('a listing goes on until the last of its pages', async () => {
  const pages = new Map([
    [null, contents('a', '1') + more('second')],
    ['second', contents('b', '2') + more('third')],
    ['third', contents('c', 'many')],
  ]);
  page = (token) => pages.get(token) ?? '';
  expect(await store.list('')).toEqual([
    { name: 'a', size: 1, modified: 0 },
    { name: 'b', size: 2, modified: 0 },
    { name: 'c', size: 0, modified: 0 },
  ]);
});

test('a store that names the same page as the next for ever is not asked for ever', async () => {
  page = () => contents('a', '1') + more('again');
  await expect(store.list('')).rejects.toThrow('the same page again and again');
});
