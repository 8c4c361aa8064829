import { appendFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logging.js';
import type { Format } from '../../src/transcript/exports/formats.js';
import { Forgetting } from '../../src/transcript/forget/forget.js';
import { type StoreTimes, TranscriptStore } from '../../src/transcript/store/store.js';
import { caption } from '../support/captions.js';
import { forget } from '../support/forget.js';
import { HOOK_KEY, startReceiver, type TestReceiver } from '../support/webhook-receiver.js';

const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
const NAME = 'RM_abc_20261123T082400123Z';
const FAST: StoreTimes = {
  pieceMs: 50,
  lookMs: 30,
  abandonedMs: 60_000,
  pauses: { firstMs: 20, mostMs: 50 },
};
const BOB = { identity: 'bob', name: 'Robert', label: 'Robert' };

let dir: string;
let receiver: TestReceiver;
let stores: TranscriptStore[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forget-'));
  receiver = await startReceiver();
  stores = [];
  vi.stubEnv('TRANSCRIPT_DIR', dir);
  vi.stubEnv('TRANSCRIPT_STORE', '');
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await receiver.close();
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

function worker(formats: readonly Format[] = ['vtt', 'json'], webhook = false): TranscriptStore {
  const hook = webhook ? { url: receiver.url, segments: true, ...HOOK_KEY } : undefined;
  const store = new TranscriptStore(
    { directory: dir, formats, webhook: hook },
    createLogger('silent'),
    FAST,
  );
  stores.push(store);
  return store;
}

/** What Alice and Bob say in turns. */
async function talk(store: TranscriptStore, name = 'Standup', sid = 'RM_abc', epoch = EPOCH) {
  const room = store.open({ room: { sid, name }, epoch });
  await room.journal.joined({ identity: 'alice', name: 'Alice' }, 1);
  await room.journal.joined({ identity: 'bob', name: 'Robert' }, 2);
  await room.journal.languageChanged({ identity: 'bob', name: 'Robert' }, 'fr', 3);
  for (let turn = 0; turn < 6; turn += 1) {
    const times = { start: turn * 1000, end: turn * 1000 + 900 };
    const text = `${turn % 2 === 0 ? 'Call [PHONE_1], turn' : 'My secret, turn'} ${turn}.`;
    await room.journal.segment(
      caption(text, { ...times, ...(turn % 2 === 1 && { speaker: BOB }) }),
    );
  }
  await room.journal.gap({ track: 'TR_2', identity: 'bob', start: 6000, end: 6100 });
  await room.journal.left({ identity: 'bob', name: 'Robert' }, 7000);
  return room;
}

async function finishedCall(...call: Parameters<typeof talk>): Promise<void> {
  await (await talk(...call)).close(8000);
}

/** All that is in the folder, by names. */
async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(dir)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

const OF_BOB = /bob|Robert|secret/;

async function expectNothingOfBob(): Promise<void> {
  for (const [name, text] of Object.entries(await contents())) {
    expect(`${name}: ${text}`).not.toMatch(OF_BOB);
  }
}

test('a person goes from the journal and from what was made of it; the rest stays as it was', async () => {
  const store = worker();
  await finishedCall(store);
  await store.close();
  const before = await contents();
  const { code, out } = await forget('bob');
  expect(code).toBe(0);
  expect(out).toContain(`rewritten: ${join(dir, NAME)}.jsonl`);
  await expectNothingOfBob();
  const after = await contents();
  expect(Object.keys(after)).toEqual([`${NAME}.json`, `${NAME}.jsonl`, `${NAME}.vtt`]);
  const left = before[`${NAME}.jsonl`]?.split('\n').filter((line) => !OF_BOB.test(line));
  expect(after[`${NAME}.jsonl`]).toBe(left?.join('\n'));
  expect(after[`${NAME}.vtt`]).toContain('<v Alice>Call [PHONE_1], turn 4.');
  expect(await forget('bob')).toMatchObject({ code: 1, out: '' });
});

test('what would go is said and stays', async () => {
  const store = worker();
  await finishedCall(store);
  await store.close();
  const before = await contents();
  const { code, out } = await forget('bob', '--dry-run');
  expect(code).toBe(0);
  expect(out.split('\n').filter((line) => line.includes('would be rewritten'))).toHaveLength(3);
  expect((await forget('Standup', '--dry-run')).out).toContain('would be removed');
  expect(await contents()).toEqual(before);
});

test('a room goes with all its calls, a sid with one', async () => {
  const store = worker();
  await finishedCall(store);
  await finishedCall(store, 'Standup', 'RM_next', EPOCH + 86_400_000);
  await finishedCall(store, 'Other', 'RM_other');
  await store.close();
  expect((await forget('RM_next')).code).toBe(0);
  expect((await readdir(dir)).some((file) => file.startsWith('RM_next'))).toBe(false);
  expect(await readdir(dir)).toContain(`${NAME}.jsonl`);
  expect((await forget('Standup')).code).toBe(0);
  expect((await readdir(dir)).every((file) => file.startsWith('RM_other'))).toBe(true);
  expect(await readdir(dir)).toHaveLength(3);
});

test('who has the name of a room is not taken for it', async () => {
  const store = worker();
  await finishedCall(store, 'bob');
  await finishedCall(store, 'Other', 'RM_other');
  await store.close();
  const before = await contents();
  expect(await forget('bob')).toMatchObject({ code: 2, out: '' });
  expect(await forget('bob', '--room', '--person')).toMatchObject({ code: 2 });
  expect(await contents()).toEqual(before);
  expect((await forget('alice', '--room')).code).toBe(1);
  expect((await forget('bob', '--room')).code).toBe(0);
  expect(Object.values(await contents()).join('')).toMatch(OF_BOB);
  expect((await forget('bob', '--person')).code).toBe(0);
  await expectNothingOfBob();
  expect(await readdir(dir)).toHaveLength(3);
});

test('a call that goes on is left alone, and whatever else was meant, too', async () => {
  const store = worker();
  await finishedCall(store, 'Other', 'RM_other', EPOCH - 86_400_000);
  const room = await talk(store);
  const pending = async () => (await readdir(dir)).filter((file) => file.endsWith('.pending'));
  await expect.poll(pending).toEqual([`${NAME}.pending`]);
  const before = Object.keys(await contents());
  const texts = await contents();
  for (const target of ['bob', 'Standup', 'RM_abc']) {
    const { code, err, out } = await forget(target);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('Standup goes on');
  }
  expect(Object.keys(await contents())).toEqual(before);
  expect((await contents())[`${NAME}.jsonl`]).toBe(texts[`${NAME}.jsonl`]);
  await room.close(8000);
  expect((await forget('bob')).code).toBe(0);
  await store.close();
  await expectNothingOfBob();
});

test('a call that was cut off in mid-word leaves nothing of it behind', async () => {
  const store = worker();
  await finishedCall(store);
  await store.close();
  const journal = join(dir, `${NAME}.jsonl`);
  const text = await readFile(journal, 'utf8');
  const cut = text.indexOf('My secret, turn 5') + 9;
  await writeFile(journal, `${text.slice(0, cut)}\n{"v":2,"type":"new","who":"bob"}\n`);
  await appendFile(
    journal,
    '{"v":2,"type":"new","who":"alice"}\n{"v":1,"type":"segment","text":"My sec',
  );
  await utimes(journal, 0, 0);
  expect((await forget('bob')).code).toBe(0);
  await expectNothingOfBob();
  expect(await readFile(journal, 'utf8')).toContain('{"v":2,"type":"new","who":"alice"}\n');
});

test('a better transcript loses the person, too, and what cannot be made again goes', async () => {
  const store = worker();
  await finishedCall(store);
  await store.close();
  const [journal, vtt] = await Promise.all(
    ['jsonl', 'vtt'].map((ending) => readFile(join(dir, `${NAME}.${ending}`), 'utf8')),
  );
  await writeFile(join(dir, `${NAME}.refined.jsonl`), (journal ?? '').replaceAll('turn', 'row'));
  await writeFile(join(dir, `${NAME}.refined.vtt`), vtt ?? '');
  await writeFile(join(dir, `${NAME}.lost.vtt`), vtt ?? '');
  await writeFile(join(dir, `${NAME}.srt.tmp`), vtt ?? '');
  expect((await forget('bob')).code).toBe(0);
  await expectNothingOfBob();
  const files = await contents();
  expect(files[`${NAME}.refined.vtt`]).toContain('<v Alice>Call [PHONE_1], row 4.');
  expect(files[`${NAME}.vtt`]).toContain('turn 4.');
  expect(Object.keys(files)).not.toContain(`${NAME}.lost.vtt`);
});

test('who is interrupted anywhere can do it again', async () => {
  for (let done = 0; done <= 4; done += 1) {
    const store = worker(['vtt', 'srt', 'json']);
    await finishedCall(store, 'Standup', `RM_${done}`, EPOCH + done * 86_400_000);
    await store.close();
    const forgetting = new Forgetting({ directory: dir });
    const [call] = (await forgetting.find('bob')).people;
    if (!call) throw new Error('Bob is not known');
    const changes = forgetting.plan(call, 'bob');
    expect(changes).toHaveLength(4);
    await forgetting.apply(call, changes.slice(0, done), 'bob');
    if (done < 4) expect((await forget('bob')).code).toBe(0);
    await expectNothingOfBob();
  }
});

const toldTexts = () => receiver.events.flatMap(({ segment }) => (segment ? [segment.text] : []));

test.each([
  ['the worker that has it', false],
  ['the next worker', true],
])('what is still to be told is told by %s without the person, each once', async (_, restart) => {
  const store = worker(['vtt'], true);
  const room = await talk(store);
  await expect.poll(toldTexts).toHaveLength(6);
  const known = receiver.events.length;
  receiver.status = 503;
  await room.journal.segment(caption('My secret again.', { speaker: BOB }));
  await room.journal.segment(caption('Bye.', { start: 9000, end: 9900 }));
  await room.close(10_000);
  if (restart) await store.close();
  const asked = receiver.requests;
  if (!restart) await expect.poll(() => receiver.requests).toBeGreaterThan(asked);
  expect(await forget('bob')).toMatchObject({ code: 0, err: '' });
  receiver.status = 200;
  if (restart) worker(['vtt'], true).start();
  await expect
    .poll(() => receiver.events.at(-1)?.event, { timeout: 4000 })
    .toBe('transcript.finished');
  await expect.poll(() => readdir(dir)).not.toContain(`${NAME}.pending`);
  // At least once: what comes again has the id that it had.
  const late = new Map(receiver.events.slice(known).map((event) => [event.id, event]));
  const texts = [...late.values()].flatMap(({ segment }) => (segment ? [segment.text] : []));
  expect(texts).toEqual(['Bye.']);
  expect(receiver.events.slice(0, known).filter(({ id }) => late.has(id))).toEqual([]);
  await expectNothingOfBob();
});

test.each([
  ['the worker that has it', false],
  ['the next worker', true],
])('a room that is still to be told of is told of no more by %s', async (_, restart) => {
  receiver.status = 503;
  const store = worker(['vtt'], true);
  await finishedCall(store);
  if (restart) await store.close();
  expect((await forget('Standup')).code).toBe(0);
  if (restart) expect(await readdir(dir)).toEqual([`${NAME}.pending`]);
  receiver.status = 200;
  if (restart) worker(['vtt'], true).start();
  await expect.poll(() => readdir(dir), { timeout: 4000 }).toEqual([]);
  expect(receiver.events).toEqual([]);
});
