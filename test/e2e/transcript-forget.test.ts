import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/transcript/exports/formats.js';
import { sendRefined } from '../../src/transcript/store/send-refined.js';
import type { TranscriptStore } from '../../src/transcript/store/store.js';
import { caption } from '../support/captions.js';
import { forget } from '../support/forget.js';
import { hasS3Server, S3Scene } from '../support/s3-scene.js';

const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
const NAME = 'RM_abc_20261123T082400123Z';
const TIMES = { pieceMs: 50, lookMs: 50, pauses: { firstMs: 20, mostMs: 100 } };
const BOB = { identity: 'bob', name: 'Robert', label: 'Robert' };
const OF_BOB = /bob|Robert|secret/;

describe.skipIf(!hasS3Server())('in a real S3 server', () => {
  const s3 = new S3Scene();

  const worker = (directory = s3.dir) => s3.store(TIMES, { directory });

  async function talk(store: TranscriptStore, epoch = EPOCH) {
    const room = store.open({ room: { sid: 'RM_abc', name: 'Standup' }, epoch });
    await room.journal.segment(caption('Hello.', { id: `SG_${epoch}_1` }));
    const secret = { id: `SG_${epoch}_2`, start: 3000, end: 4000, speaker: BOB };
    await room.journal.segment(caption('A secret.', secret));
    return room;
  }

  const stored = () => s3.names();
  async function storedTexts(): Promise<string[]> {
    return Promise.all((await stored()).map(async (name) => `${name}: ${await s3.text(name)}`));
  }
  const idle = (store: TranscriptStore) =>
    expect.poll(() => store.status.waiting + store.status.running, { timeout: 10_000 }).toBe(0);

  test('a person goes from what two machines have stored, pieces of one that burned among it', async () => {
    const burned = await mkdtemp(join(tmpdir(), 'burned-'));
    const machine = worker(burned);
    const lost = await talk(machine, EPOCH - 60_000);
    await expect.poll(stored).not.toEqual([]);
    const store = worker();
    const room = await talk(store);
    await room.close(5000);
    await idle(store);
    // It may be that the other machine still writes: its own folder alone would tell.
    expect((await forget('bob')).code).toBe(1);
    for (const name of await stored()) await utimes(join(s3.place, name), 1000, 1000);
    expect(await forget('bob')).toMatchObject({ code: 0, err: '' });
    for (const text of await storedTexts()) expect(text).not.toMatch(OF_BOB);
    expect((await storedTexts()).join('\n')).toMatch(/\.vtt: WEBVTT[^]*Hello\.[^]*Hello\./);
    for (const name of await readdir(s3.dir)) {
      expect(await readFile(join(s3.dir, name), 'utf8')).not.toMatch(OF_BOB);
    }
    await lost.close(1);
    await machine.close();
    await rm(burned, { recursive: true });
  });

  test('what is still to be sent is sent without the person', async () => {
    s3.refuse();
    const store = worker();
    await (await talk(store)).close(5000);
    await expect.poll(() => store.status.uploadFailures).toBeGreaterThan(0);
    expect((await forget('bob')).code).toBe(1);
    await store.close();
    s3.allow();
    expect((await forget('bob')).code).toBe(0);
    const next = worker();
    next.start();
    await expect.poll(() => readdir(s3.dir)).not.toContain(`${NAME}.pending`);
    expect(await stored()).toHaveLength(1 + FORMATS.length);
    for (const text of await storedTexts()) expect(text).not.toMatch(OF_BOB);
  });

  test('a better transcript that is still to be sent is sent without the person', async () => {
    const store = worker();
    await (await talk(store)).close(5000);
    await idle(store);
    await store.close();
    const refined = join(s3.dir, `${NAME}.refined.jsonl`);
    await writeFile(refined, await readFile(join(s3.dir, `${NAME}.jsonl`)));
    s3.refuse();
    await expect(sendRefined(refined, [], s3.location)).rejects.toThrow('cannot put');
    s3.allow();
    expect(await forget('bob')).toMatchObject({ code: 0, err: '' });
    worker().start();
    await expect.poll(() => readdir(s3.dir)).not.toContain(`${NAME}.refined.pending`);
    expect(await stored()).toContain(`${NAME}.refined.vtt`);
    expect(await stored()).toHaveLength(2 * (1 + FORMATS.length));
    for (const text of await storedTexts()) expect(text).not.toMatch(OF_BOB);
  });

  test('a room goes from the store, also where somebody is about to put it there', async () => {
    const store = worker();
    const room = await talk(store);
    await expect.poll(stored).not.toEqual([]);
    const closed = room.close(5000);
    await expect.poll(() => readFile(join(s3.dir, `${NAME}.jsonl`), 'utf8')).toContain('"closed"');
    expect(await forget('Standup')).toMatchObject({ code: 0, err: '' });
    await closed;
    await idle(store);
    await expect.poll(() => readdir(s3.dir), { timeout: 10_000 }).toEqual([]);
    expect(await stored()).toEqual([]);
  });
});
