import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RoomClock } from '../../src/audio/room-clock.js';
import { createLogger } from '../../src/logging.js';
import { RoomCaptioner } from '../../src/room/captioner.js';
import { Journal } from '../../src/transcript/journal.js';
import type { TranscriptError } from '../../src/transcript/errors.js';
import { FORMATS } from '../../src/transcript/exports/formats.js';
import { readTranscript } from '../../src/transcript/read.js';
import { TranscriptStore } from '../../src/transcript/store/store.js';
import { caption } from '../support/captions.js';
import { FakeRoom } from '../support/fake-room.js';
import { type SmallDisk, smallDisk } from '../support/small-disk.js';

const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
const NAME = 'RM_abc_20261123T082400123Z';
const KB = 1024;

let disk: SmallDisk | undefined;
beforeEach(async () => {
  disk = await smallDisk(256 * KB);
});
afterEach(async () => {
  await disk?.close();
});

/** The disk, or the test is skipped, with a message why. */
function mounted(context: { skip: (note: string) => never }): SmallDisk {
  return disk ?? context.skip('this user may not mount a disk');
}

async function textsIn(path: string): Promise<string[]> {
  return (await readTranscript([path])).segments.map(({ text }) => text);
}

/** As long as some sentences, and unlike any other. */
const line = (index: number) => `Line ${index}. ${'x'.repeat(1500)}`;
const say = (journal: Journal, index: number) =>
  journal.segment(caption(line(index), { start: index * 1000, end: index * 1000 + 900 }));

test('a full disk loses nothing: what waits is there when there is space again, also in the middle of a line', async (context) => {
  const { dir, fill, free } = mounted(context);
  const errors: TranscriptError[] = [];
  const journal = new Journal({
    dir: join(dir, 'transcripts'),
    room: { sid: 'RM_abc', name: 'Standup' },
    epoch: EPOCH,
    onError: (error) => errors.push(error),
  });
  await say(journal, 0);
  let said = 1;
  for (let time = 1; time <= 3; time += 1) {
    await fill();
    // Fills the last page of the file, and goes over it.
    for (; said < time * 20; said += 1) await say(journal, said);
    expect(errors.map(({ code }) => code)).toEqual(Array(time).fill('write_failed'));
    expect(errors.at(-1)?.message).toContain('free space there');
    const text = await readFile(journal.path ?? '', 'utf8');
    expect(text.endsWith('\n')).toBe(false);
    await free();
    await expect
      .poll(() => textsIn(journal.path ?? ''), { timeout: 4000 })
      .toEqual(Array.from({ length: said }, (_, index) => line(index)));
  }
  await journal.close(said * 1000);
  const { parts } = await readTranscript([journal.path ?? '']);
  expect(parts).toMatchObject([{ damagedLines: 0, complete: true }]);
}, 20_000);

test('exports for which there is no space are made when there is', async (context) => {
  const { dir, fill, free } = mounted(context);
  const store = new TranscriptStore({ directory: dir }, createLogger('silent'), {
    pauses: { firstMs: 20, mostMs: 50 },
  });
  const room = store.open({ room: { sid: 'RM_abc', name: 'Standup' }, epoch: EPOCH });
  await say(room.journal, 0);
  await fill();
  expect(await room.close(1000)).toMatchObject({ exports: [] });
  expect((await readdir(dir)).filter((file) => file.endsWith('.vtt'))).toEqual([]);
  await expect.poll(() => store.status.waiting).toBe(1);
  await free();
  await expect.poll(() => store.status.waiting, { timeout: 4000 }).toBe(0);
  const files = ['jsonl', ...FORMATS].map((ending) => `${NAME}.${ending}`);
  expect((await readdir(dir)).sort()).toEqual(files.sort());
  expect(await readFile(join(dir, `${NAME}.vtt`), 'utf8')).toContain('Line 0.');
  await store.close();
});

test('a folder that is read-only stops no captions, and says what to do', async (context) => {
  const { dir, writable } = mounted(context);
  await writable(false);
  const logged: string[] = [];
  const logger = createLogger('silent');
  vi.spyOn(logger, 'error').mockImplementation((_, message) => void logged.push(String(message)));
  logger.child = () => logger as never;
  const room = new FakeRoom();
  const captioner = new RoomCaptioner({
    room: room.asRoom(),
    config: {
      pulse: { apiKey: 'key', baseUrl: 'http://127.0.0.1:1', recognition: { language: 'en' } },
      captions: { outputs: ['streams'] },
      transcript: { directory: join(dir, 'transcripts') },
    },
    logger,
    openAudio: room.openAudio,
    openStream: room.openStream,
  });
  await captioner.start();
  room.publish(room.join('alice'), 'TR_1');
  const times = { start: 0, end: 500, words: [], continuesWord: false, endOfTurn: true };
  room.streams[0]?.emit({ type: 'final', text: 'Hello.', ...times });
  await expect.poll(() => room.texts.map(({ text }) => text)).toContain('Hello.');
  await captioner.end();
  expect(logged).toEqual([
    expect.stringMatching(
      /cannot be written to .*transcripts: free space there, or make it writable/,
    ),
    expect.stringContaining('The room is over and the end of its transcript'),
  ]);
});

test('times do not jump with the date of the machine, and nothing goes for it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'clock-'));
  vi.useFakeTimers({ toFake: ['Date'], now: EPOCH });
  try {
    const store = new TranscriptStore({ directory: dir, keepDays: 1 }, createLogger('silent'));
    store.start();
    let monotonic = 5000;
    const clock = new RoomClock({ monotonicNow: () => monotonic });
    const room = store.open({ room: { sid: 'RM_abc', name: 'Standup' }, epoch: clock.epoch });
    const expected: number[] = [];
    // A day ahead, and a day behind: longer than transcripts are kept.
    for (const jump of [0, 86_400_000, -2 * 86_400_000, 60_000]) {
      vi.setSystemTime(Date.now() + jump);
      monotonic += 1000;
      expected.push(clock.now());
      const times = { start: clock.now(), end: clock.now() + 500, epoch: clock.epoch };
      await room.journal.segment(caption(`At ${clock.now()}.`, times));
    }
    const { journal, exports } = await room.close(clock.now());
    await store.close();
    expect(journal).toBe(join(dir, `${NAME}.jsonl`));
    const { epoch, segments, parts } = await readTranscript([journal ?? '']);
    expect(epoch).toBe(EPOCH);
    expect(segments.map(({ start }) => start)).toEqual(expected);
    expect(expected).toEqual([1000, 2000, 3000, 4000]);
    expect(parts).toMatchObject([{ complete: true, to: 4500 }]);
    expect(await readFile(exports[0] ?? '', 'utf8')).toContain('--> 00:00:04.500');
  } finally {
    vi.useRealTimers();
    await rm(dir, { recursive: true });
  }
});
