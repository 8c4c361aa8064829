import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { findCalls } from '../../src/transcript/lookup.js';
import { readTranscript } from '../../src/transcript/read.js';
import { sendRefined } from '../../src/transcript/store/send-refined.js';
import type { StoreTimes, TranscriptStore } from '../../src/transcript/store/store.js';
import { caption } from '../support/captions.js';
import { hasS3Server, S3Scene } from '../support/s3-scene.js';
import { startSlowProxy } from '../support/slow-proxy.js';
import { HOOK_KEY, startReceiver } from '../support/webhook-receiver.js';

const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
const NAME = 'RM_abc_20261123T082400123Z';
const FAST: StoreTimes = {
  pieceMs: 50,
  lookMs: 50,
  abandonedMs: 60_000,
  pauses: { firstMs: 20, mostMs: 100 },
};

describe.skipIf(!hasS3Server())('a real S3 server', () => {
  const s3 = new S3Scene();

  const transcripts = (directory = s3.dir, times: Partial<StoreTimes> = {}, webhook?: string) =>
    s3.store(
      { ...FAST, ...times },
      {
        directory,
        ...(webhook && { webhook: { url: webhook, segments: false, ...HOOK_KEY } }),
      },
    );

  const open = (store: TranscriptStore, epoch = EPOCH) =>
    store.open({ room: { sid: 'RM_abc', name: 'Standup' }, epoch });

  const stored = () => s3.names();

  /** What anybody can read of the room with nothing but the store. */
  async function textsInStore(room = 'Standup'): Promise<string[]> {
    const found = await findCalls(room, { store: s3.location });
    try {
      const sources = found.calls.at(-1)?.parts.map(({ source }) => source) ?? [];
      return (await readTranscript(sources)).segments.map(({ text }) => text);
    } finally {
      await found.close();
    }
  }

  test('has a journal in pieces while the call runs, and whole with its exports afterwards', async () => {
    const hook = await startReceiver();
    const store = transcripts(s3.dir, {}, hook.url);
    const room = open(store);
    await room.journal.segment(caption('One.'));
    await expect.poll(stored).toHaveLength(1);
    await room.journal.segment(caption('Two.', { start: 3000, end: 4000 }));
    await expect.poll(stored).toHaveLength(2);
    expect(await textsInStore()).toEqual(['One.', 'Two.']);
    expect(await textsInStore('RM_abc')).toEqual(['One.', 'Two.']);

    await room.close(5000);
    await expect.poll(() => store.status.waiting + store.status.running).toBe(0);
    expect(await stored()).toContain(`${NAME}.jsonl`);
    expect(await stored()).toEqual((await readdir(s3.dir)).sort());
    for (const name of await stored()) {
      expect(await s3.text(name)).toBe(await readFile(join(s3.dir, name), 'utf8'));
    }
    // A better transcript that somebody puts beside it is no part of the call.
    const better = (await s3.text(`${NAME}.jsonl`)).replaceAll(/SG_|Tw/g, 'X$&');
    await writeFile(join(s3.place, `${NAME}.refined.jsonl`), better);
    expect(await textsInStore()).toEqual(['One.', 'Two.']);
    expect(hook.events.at(-1)?.transcript.addresses).toContain(s3.address(`${NAME}.jsonl`));
    expect(store.status).toMatchObject({ uploadFailures: 0 });
    await hook.close();
  });

  test('that is away gets everything when it is back; nobody waits for it meanwhile', async () => {
    const store = transcripts();
    const room = open(store);
    await room.journal.segment(caption('One.'));
    await expect.poll(stored).toHaveLength(1);
    await s3.stop();
    await room.journal.segment(caption('Two.', { start: 3000, end: 4000 }));
    await expect.poll(() => store.status.uploadFailures).toBeGreaterThan(0);
    const { exports } = await room.close(5000);
    expect(await readFile(exports[0] ?? '', 'utf8')).toContain('Two.');
    await expect.poll(() => store.status.waiting).toBe(1);
    await s3.start();
    await expect.poll(() => store.status.waiting, { timeout: 10_000 }).toBe(0);
    expect(await textsInStore()).toEqual(['One.', 'Two.']);
  });

  test('that refuses leaves all on the disk, for the next process to send', async () => {
    s3.refuse();
    const store = transcripts();
    const room = open(store);
    await room.journal.segment(caption('One.'));
    await room.close(1000);
    await expect.poll(() => store.status.uploadFailures).toBeGreaterThan(0);
    await store.close();
    expect(store.status.waiting).toBe(1);
    expect(await stored()).toEqual([]);
    expect(await readdir(s3.dir)).toContain(`${NAME}.pending`);

    s3.allow();
    const next = transcripts(s3.dir, { abandonedMs: 0 });
    next.start();
    await expect.poll(stored).toContain(`${NAME}.jsonl`);
    await expect.poll(() => readdir(s3.dir)).not.toContain(`${NAME}.pending`);
    expect(await textsInStore()).toEqual(['One.']);
  });

  test('that is slow holds nobody up', async () => {
    const proxy = await startSlowProxy(s3.port, 100);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${proxy.port}`);
    const store = transcripts();
    const room = open(store);
    const texts = Array.from({ length: 20 }, (_, index) => `Line ${index}.`);
    for (const [index, text] of texts.entries()) {
      await room.journal.segment(caption(text, { start: index * 100, end: index * 100 + 50 }));
    }
    await room.close(5000);
    await expect.poll(() => store.status.waiting, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => store.status.waiting, { timeout: 20_000 }).toBe(0);
    expect(await textsInStore()).toEqual(texts);
    await proxy.close();
  });

  test('brings together what captioners on two machines wrote, also when one of them burned', async () => {
    const burned = open(transcripts());
    await burned.journal.segment(caption('One.'));
    await expect.poll(stored).toHaveLength(1);

    const elsewhere = await mkdtemp(join(tmpdir(), 'transcripts-'));
    const heir = transcripts(elsewhere);
    const room = open(heir, EPOCH + 60_000);
    await room.journal.segment(caption('Two.'));
    await room.close(5000);
    await expect.poll(() => heir.status.waiting + heir.status.running).toBe(0);
    const vtt = (await stored()).filter((name) => name.endsWith('.vtt'));
    expect(vtt).toEqual([`${NAME}.vtt`]);
    expect(await s3.text(`${NAME}.vtt`)).toMatch(/One\.[^]*00:01:01\.000[^]*Two\./);
    expect(await textsInStore()).toEqual(['One.', 'Two.']);
    await burned.close(1000);
    await rm(elsewhere, { recursive: true });
  });

  test('gets what a second pass has made, from a worker where it could not be sent at once', async () => {
    const hook = await startReceiver();
    const first = transcripts(s3.dir, { lookMs: 60_000 }, hook.url);
    const room = open(first);
    await room.journal.segment(caption('One.'));
    const { journal = '' } = await room.close(5000);
    await expect.poll(() => first.status.waiting + first.status.running).toBe(0);
    const told = hook.events.length;
    const refined = journal.replace(/jsonl$/, 'refined.jsonl');
    await writeFile(refined, (await readFile(journal, 'utf8')).replace('One.', 'A better one.'));
    const vtt = refined.replace(/jsonl$/, 'vtt');
    await writeFile(vtt, 'WEBVTT\n');

    await sendRefined(refined, [vtt], s3.location);
    expect(await s3.text(basename(refined))).toContain('A better one.');
    expect(await s3.text(basename(vtt))).toBe('WEBVTT\n');
    expect(await readdir(s3.dir)).not.toContain(`${NAME}.refined.pending`);

    await writeFile(vtt, 'WEBVTT\n\nNOTE better still\n');
    s3.refuse();
    await expect(sendRefined(refined, [vtt], s3.location)).rejects.toMatchObject({
      code: 'store_failed',
    });
    expect(await readdir(s3.dir)).toContain(`${NAME}.refined.pending`);
    s3.allow();
    const next = transcripts(s3.dir, {}, hook.url);
    next.start();
    await expect.poll(() => readdir(s3.dir)).not.toContain(`${NAME}.refined.pending`);
    expect(await s3.text(basename(vtt))).toContain('better still');
    expect(await textsInStore()).toEqual(['One.']);
    expect(hook.events).toHaveLength(told);
    await hook.close();
  });
});
