import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logging.js';
import { FORMATS } from '../../src/transcript/exports/formats.js';
import { AbandonedMarkers } from '../../src/transcript/store/abandoned.js';
import { removeExpired } from '../../src/transcript/retention.js';
import {
  type StoreTimes,
  type TranscriptConfig,
  TranscriptStore,
} from '../../src/transcript/store/store.js';
import { caption } from '../support/captions.js';
import { HOOK_KEY, startReceiver, type TestReceiver } from '../support/webhook-receiver.js';

const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
const NAME = 'RM_abc_20261123T082400123Z';
/** What is left of a call that is over. */
const filesOf = (name: string) => ['jsonl', ...FORMATS].map((ending) => `${name}.${ending}`).sort();
const FAST: StoreTimes = {
  pieceMs: 50,
  lookMs: 50,
  abandonedMs: 60_000,
  pauses: { firstMs: 20, mostMs: 50 },
};

let dir: string;
let receiver: TestReceiver;
let stores: TranscriptStore[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-'));
  receiver = await startReceiver();
  stores = [];
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await receiver.close();
  await rm(dir, { recursive: true, force: true });
});

function store(
  config: Partial<TranscriptConfig> & { readonly segments?: boolean } = {},
  times: Partial<StoreTimes> = {},
): TranscriptStore {
  const { segments = false, ...rest } = config;
  const made = new TranscriptStore(
    { directory: dir, webhook: { url: receiver.url, segments, ...HOOK_KEY }, ...rest },
    createLogger('silent'),
    { ...FAST, ...times },
  );
  stores.push(made);
  return made;
}

function open(from: TranscriptStore, sid = 'RM_abc', epoch = EPOCH) {
  return from.open({ room: { sid, name: 'Standup' }, epoch });
}

const told = () => receiver.events.map(({ event, id }) => `${event} ${id}`);

test.each([[['srt', 'json']], [[]]] as const)(
  'only the wanted exports are made: %j',
  async (formats) => {
    const transcripts = store({ formats });
    const room = open(transcripts);
    await room.journal.segment(caption('One.'));
    const { exports } = await room.close(5000);
    await transcripts.close();
    expect(exports).toEqual(formats.map((format) => join(dir, `${NAME}.${format}`)));
    expect((await readdir(dir)).sort()).toEqual(
      [...formats, 'jsonl'].map((end) => `${NAME}.${end}`).sort(),
    );
  },
);

test('exports that their thread could not make are made by the next process, and the room is told of then', async () => {
  const first = store({ formats: ['vtt'] }, { exports: { mostMs: 0 } });
  const room = open(first);
  await room.journal.segment(caption('One.'));
  expect(await room.close(5000)).toEqual({ journal: join(dir, `${NAME}.jsonl`), exports: [] });
  await expect.poll(() => first.status.waiting).toBe(1);
  await first.close();
  expect((await readdir(dir)).sort()).toEqual([`${NAME}.jsonl`, `${NAME}.pending`]);
  expect(told()).not.toContain(`transcript.finished ${NAME}:finished`);

  const next = store({ formats: ['vtt'] });
  next.start();
  await expect.poll(told).toContain(`transcript.finished ${NAME}:finished`);
  await next.close();
  expect((await readdir(dir)).sort()).toEqual([`${NAME}.jsonl`, `${NAME}.vtt`]);
});

test('a room leaves a journal and its exports, and whoever wants to know is told in order', async () => {
  const transcripts = store({ segments: true });
  const room = open(transcripts);
  await room.journal.segment(caption('One.'));
  await room.journal.segment(caption('Two.', { start: 3000, end: 3400 }));
  const files = await room.close(5000);
  await transcripts.close();

  expect(files).toEqual({
    journal: join(dir, `${NAME}.jsonl`),
    exports: FORMATS.map((format) => join(dir, `${NAME}.${format}`)),
  });
  expect((await readdir(dir)).sort()).toEqual(filesOf(NAME));
  expect(await readFile(files.exports[0] ?? '', 'utf8')).toContain('<v Alice>One.');
  expect(told()).toEqual([
    `transcript.started ${NAME}:1`,
    `transcript.segment ${NAME}:2`,
    `transcript.segment ${NAME}:3`,
    `transcript.finished ${NAME}:finished`,
  ]);
  expect(receiver.events[1]).toMatchObject({
    createdAt: String(Math.floor((EPOCH + 2000) / 1000)),
    room: { sid: 'RM_abc', name: 'Standup' },
    transcript: { id: NAME, epoch: EPOCH },
    segment: { text: 'One.', start: 1000 },
  });
  expect(receiver.events[3]?.transcript).toEqual({
    id: NAME,
    epoch: EPOCH,
    complete: true,
    files: [files.journal, ...files.exports],
    addresses: [],
  });
  expect(receiver.verified.map(({ event, id, room }) => `${event} ${id} ${room}`)).toEqual(
    told().map((line) => `${line} Standup`),
  );
  expect(transcripts.status).toMatchObject({ running: 0, waiting: 0, events: 4 });
});

test('what the captions of a call cost is told with its end', async () => {
  const transcripts = store();
  const room = open(transcripts);
  await room.journal.segment(caption('One.'));
  const total = { audioMs: 90_000, speechMs: 60_000, price: 0.012 };
  const usage = { ...total, tracks: [{ track: 'TR_1', ...total }], languages: { en: total } };
  await room.close(5000, usage);
  await expect.poll(told).toHaveLength(2);
  expect(receiver.events[1]).toMatchObject({ event: 'transcript.finished', transcript: { usage } });
});

test('the beginning is told while the call runs; segments only to who asks for them', async () => {
  const transcripts = store();
  const room = open(transcripts);
  await room.journal.segment(caption('One.'));
  await expect.poll(told).toEqual([`transcript.started ${NAME}:1`]);
  expect(transcripts.status.running).toBe(1);
  await room.close(1);
  await expect.poll(told).toHaveLength(2);
  expect(told()[1]).toContain('finished');
});

test('a receiver that refuses is asked until it takes everything, in order', async () => {
  receiver.status = 503;
  const transcripts = store({ segments: true });
  const room = open(transcripts);
  await room.journal.segment(caption('One.'));
  await expect.poll(() => receiver.requests).toBeGreaterThan(2);
  await room.close(1);
  await expect.poll(() => transcripts.status.waiting).toBe(1);
  expect(await readdir(dir)).toContain(`${NAME}.pending`);
  expect(told()).toEqual([]);
  receiver.status = 200;
  await expect.poll(() => transcripts.status.waiting).toBe(0);
  expect(told().map((line) => line.split(':')[1])).toEqual(['1', '2', 'finished']);
  expect(transcripts.status.eventFailures).toBeGreaterThan(2);
  expect(await readdir(dir)).not.toContain(`${NAME}.pending`);
});

test('what nobody took is kept over restarts', async () => {
  receiver.status = 500;
  const before = store({ segments: true });
  const room = open(before);
  await room.journal.segment(caption('One.'));
  await room.close(1);
  await before.close();
  expect(before.status).toMatchObject({ waiting: 1, events: 0 });
  expect(before.status.eventFailures).toBeGreaterThan(0);
  const age = before.status.oldestWaitingMs;
  expect(age).toBeGreaterThan(0);

  const after = store({ segments: true });
  after.start();
  await expect.poll(() => after.status.eventFailures).toBeGreaterThan(0);
  expect(after.status.oldestWaitingMs).toBeGreaterThan(age);
  receiver.status = 200;
  await expect.poll(told).toHaveLength(3);
  await expect.poll(() => readdir(dir)).not.toContain(`${NAME}.pending`);
  await expect.poll(() => after.status).toMatchObject({ waiting: 0, oldestWaitingMs: 0 });
});

test('a folder that has another place by now is where its files are told to be', async () => {
  receiver.status = 500;
  const before = store();
  await open(before).close(1);
  await before.close();
  const moved = `${dir}-moved`;
  await rename(dir, moved);
  try {
    receiver.status = 200;
    store({ directory: moved }).start();
    await expect.poll(told).toHaveLength(2);
    const files = receiver.events.flatMap(({ transcript: { files = [] } }) => files);
    expect(files.sort()).toEqual(filesOf(NAME).map((file) => join(moved, file)));
  } finally {
    await rm(moved, { recursive: true });
  }
});

test('a receiver with another key is told nothing that it believes', async () => {
  const transcripts = store({
    webhook: { url: receiver.url, segments: false, ...HOOK_KEY, apiSecret: 'another secret' },
  });
  await open(transcripts).close(1);
  await expect.poll(() => receiver.requests).toBeGreaterThan(1);
  expect(told()).toEqual([]);
});

test('the next process ends what a killed one left: exports, and the receiver is told it is cut off', async () => {
  const killed = store({ segments: true });
  const room = open(killed);
  await room.journal.segment(caption('One.'));
  await expect.poll(told).toHaveLength(2);

  // The folder as the killed one leaves it: nobody keeps the marker fresh any more.
  const left = await mkdtemp(join(tmpdir(), 'store-'));
  try {
    await expect
      .poll(() => readFile(join(dir, `${NAME}.pending`), 'utf8'))
      .toMatch(/"toldLines":2/);
    for (const file of [`${NAME}.jsonl`, `${NAME}.pending`]) {
      await writeFile(join(left, file), await readFile(join(dir, file)));
    }
    const heir = store({ directory: left, segments: true }, { abandonedMs: 100 });
    heir.start();
    await expect.poll(async () => (await readdir(left)).sort()).toEqual(filesOf(NAME));
    expect(told().map((line) => line.split(':')[1])).toEqual(['1', '2', 'finished']);
    expect(receiver.events[2]?.transcript).toMatchObject({ complete: false });
  } finally {
    await rm(left, { recursive: true });
  }
  await room.close(1);
});

test("a transcript is somebody else's as long as they touch it, whatever time they have", async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const marker = join(dir, `${NAME}.pending`);
    const journal = join(dir, `${NAME}.jsonl`);
    const abandoned = new AbandonedMarkers(60_000);
    await writeFile(marker, '');
    // Yesterday, and backwards: the date was set, or it is another machine's.
    for (let touched = 0; touched < 5; touched += 1) {
      const time = new Date(Date.now() - 86_400_000 - touched * 1000);
      await utimes(marker, time, time);
      expect(await abandoned.find(dir)).toEqual([]);
      vi.advanceTimersByTime(40_000);
    }
    expect(await abandoned.find(dir)).toEqual([]);
    vi.advanceTimersByTime(20_000);
    expect(await abandoned.find(dir)).toEqual([journal]);
    await utimes(marker, new Date(), new Date());
    expect(await abandoned.find(dir)).toEqual([]);
    await utimes(marker, 0, 0);
    expect(await abandoned.find(dir)).toEqual([journal]);
  } finally {
    vi.useRealTimers();
  }
});

test('a captioner that follows another exports the whole call, under the name of its first part', async () => {
  const transcripts = store();
  const first = open(transcripts);
  await first.journal.segment(caption('One.'));
  await first.close(2000);
  const second = open(transcripts, 'RM_next', EPOCH + 20_000);
  await second.journal.segment(caption('Two.'));
  const { exports } = await second.close(2000);
  expect(exports).toEqual(FORMATS.map((format) => join(dir, `${NAME}.${format}`)));
  const vtt = await readFile(exports[0] ?? '', 'utf8');
  expect(vtt).toContain('One.');
  expect(vtt).toContain('00:00:21.000 --> 00:00:22.000');
});

test('a journal of which nothing can be read is sent and told of, not tried for ever', async () => {
  await writeFile(join(dir, `${NAME}.jsonl`), 'what\n');
  await writeFile(join(dir, `${NAME}.pending`), 'is this');
  const transcripts = store({}, { abandonedMs: 0 });
  transcripts.start();
  await expect.poll(() => readdir(dir)).toEqual([`${NAME}.jsonl`]);
  expect(told()).toEqual([`transcript.finished ${NAME}:finished`]);
});

test('transcripts that are too old go, with all that was made of them; unfinished ones and files of others stay', async () => {
  const old = 'RM_old_20260101T000000000Z';
  const kept = [
    `${NAME}.jsonl`,
    `${NAME}.vtt`,
    'RM_un_20260101T000000000Z.jsonl',
    'RM_un_20260101T000000000Z.pending',
    'notes.txt',
    'RM_20260101.jsonl',
  ];
  const gone = [`${old}.jsonl`, `${old}-2.jsonl`, `${old}.vtt`, `${old}.refined.md`];
  for (const file of [...kept, ...gone]) await writeFile(join(dir, file), '');
  const now = EPOCH + 30 * 86_400_000;
  expect((await removeExpired(dir, 30, now)).sort()).toEqual(gone.map((f) => join(dir, f)).sort());
  expect((await readdir(dir)).sort()).toEqual(kept.sort());
  expect(await removeExpired(join(dir, 'nowhere'), 30, now)).toEqual([]);
});

test('a store that is started removes what is too old', async () => {
  await writeFile(join(dir, 'RM_old_20200101T000000000Z.vtt'), '');
  const transcripts = store({ keepDays: 1 });
  transcripts.start();
  await expect.poll(() => readdir(dir)).toEqual([]);
  expect(transcripts.status.expired).toBe(1);
});
