import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TranscriptError } from '../../src/transcript/errors.js';
import { exportAll } from '../../src/transcript/exports/index.js';
import { Journal, type JournalOptions } from '../../src/transcript/journal.js';
import { readTranscript } from '../../src/transcript/read.js';
import { parseRecord } from '../../src/transcript/records.js';
import { caption } from '../support/captions.js';

let dir: string;
let errors: TranscriptError[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'transcript-'));
  errors = [];
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const epoch = Date.UTC(2026, 10, 23, 8, 24, 0, 123);

function journal(rest: Partial<JournalOptions> = {}): Journal {
  return new Journal({
    dir,
    room: { sid: 'RM_abc', name: 'Standup' },
    epoch,
    onError: (error) => errors.push(error),
    ...rest,
  });
}

async function closed(room: Journal, at = 1): Promise<string> {
  await room.close(at);
  return room.path ?? '';
}

async function textsIn(path: string): Promise<string[]> {
  return (await readTranscript([path])).segments.map(({ text }) => text);
}

test('what happens in a room is a line each, with its times', async () => {
  const room = journal();
  const alice = { identity: 'alice', name: 'Alice' };
  const words = [{ text: 'Two.', start: 3000, end: 3400, confidence: 0.9, speaker: '1' }];
  void room.joined(alice, 10.4);
  void room.languageChanged(alice, 'fr', 11);
  void room.state('live', '', 12);
  void room.segment(caption('Two.', { start: 3000, end: 3400, words }));
  void room.segment(caption('not yet', { final: false }));
  void room.segment(caption('', { id: 'SG_removed' }));
  void room.gap({ track: 'TR_1', identity: 'alice', start: 3500.2, end: 3999.9 });
  void room.sid('RM_again');
  void room.optedOut(alice, 4000);
  void room.optedIn(alice, 4001);
  void room.left(alice, 4002);
  const path = await closed(room, 5000);

  expect(path).toBe(join(dir, 'RM_abc_20261123T082400123Z.jsonl'));
  expect(errors).toEqual([]);
  const text = await readFile(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { v: 1, type: 'room', sid: 'RM_abc', name: 'Standup', epoch },
    { v: 1, type: 'joined', at: 10, ...alice },
    { v: 1, type: 'language', at: 11, ...alice, language: 'fr' },
    { v: 1, type: 'state', at: 12, state: 'live', reason: '' },
    {
      v: 1,
      type: 'segment',
      id: 'SG_Two.',
      rev: 4,
      text: 'Two.',
      language: 'en',
      speaker: { ...alice, label: 'Alice' },
      track: { sid: 'TR_1', source: 'microphone' },
      start: 3000,
      end: 3400,
      words,
    },
    { v: 1, type: 'gap', track: 'TR_1', identity: 'alice', start: 3500, end: 4000 },
    { v: 1, type: 'room', sid: 'RM_again', name: 'Standup', epoch },
    { v: 1, type: 'opted_out', at: 4000, ...alice },
    { v: 1, type: 'opted_in', at: 4001, ...alice },
    { v: 1, type: 'left', at: 4002, ...alice },
    { v: 1, type: 'closed', at: 5000 },
  ]);
  for (const line of lines) expect(parseRecord(line)).toEqual(JSON.parse(line));
});

test('a line is in the file when the journal says so', async () => {
  const room = journal();
  for (let index = 0; index < 50; index += 1) {
    await room.segment(caption(`Line ${index}.`));
    expect(await readFile(room.path ?? '', 'utf8')).toContain(`"Line ${index}."`);
  }
  await room.close(1);
});

test('closing again waits for the same end, and nothing is added after it', async () => {
  const room = journal();
  const closing = room.close(1);
  void room.segment(caption('late'));
  await Promise.all([closing, room.close(2)]);
  expect((await readFile(room.path ?? '', 'utf8')).split('\n')).toHaveLength(3);
});

test('many lines at once are written in order', async () => {
  const room = journal();
  const texts = Array.from({ length: 3000 }, (_, index) => `Line ${index}.`);
  for (const [index, text] of texts.entries()) {
    void room.segment(caption(text, { start: index, end: index + 1 }));
    if (index % 500 === 0) await new Promise(setImmediate);
  }
  expect(await textsIn(await closed(room))).toEqual(texts);
});

test('file names come from the sid and the time only, whatever the sid is', async () => {
  const folder = join(dir, 'not', 'yet');
  const room = journal({ dir: folder, room: { sid: '../../RM_/\u0000 x;$(y)', name: '../evil' } });
  const path = await closed(room);
  expect(dirname(path)).toBe(folder);
  expect(basename(path)).toBe('RM_xy_20261123T082400123Z.jsonl');
  const nameless = journal({ room: { sid: '…', name: '' } });
  expect(basename(await closed(nameless))).toBe('room_20261123T082400123Z.jsonl');
});

test('a second captioner of the same room has a file of its own', async () => {
  const rooms = [journal(), journal(), journal()];
  for (const [index, room] of rooms.entries()) void room.segment(caption(`from ${index}`));
  const paths = await Promise.all(rooms.map((room) => closed(room)));
  expect(new Set(paths).size).toBe(3);
  for (const [index, path] of paths.entries()) {
    expect(await textsIn(path)).toEqual([`from ${index}`]);
  }
});

test('lines wait while the folder cannot be written, and are there once it can, also when nothing more is said', async () => {
  // A file where the folder should be: nobody can write below it, not even root.
  const folder = join(dir, 'transcripts');
  await writeFile(folder, '');
  const room = journal({ dir: folder });
  await room.segment(caption('One.'));
  await room.segment(caption('Two.', { start: 1001 }));
  expect(errors.map(({ code }) => code)).toEqual(['write_failed']);
  expect(errors[0]?.message).toContain(folder);
  expect(errors[0]?.message).not.toContain('One.');
  await rm(folder);
  await expect.poll(() => room.path, { timeout: 5000 }).toBeDefined();
  await expect.poll(() => textsIn(room.path ?? '')).toEqual(['One.', 'Two.']);
  await room.close(1);
  expect(errors).toHaveLength(1);
});

test('a folder that stays unwritable is told of, and the room ends all the same', async () => {
  const folder = join(dir, 'transcripts');
  await writeFile(folder, '');
  const room = journal({ dir: folder, maxWaitingBytes: 2000 });
  for (let index = 0; index < 100; index += 1) void room.segment(caption(`Line ${index}.`));
  await room.close(1);
  expect(room.path).toBeUndefined();
  expect(errors.map(({ code }) => code).sort()).toEqual([
    'lines_lost',
    'lines_lost',
    'write_failed',
  ]);
});

test('an export that cannot be written leaves no half file, and is told of', async () => {
  await mkdir(join(dir, 'RM_abc_20261123T082400123Z.vtt'));
  const room = journal();
  void room.segment(caption('One.'));
  const transcript = await readTranscript([await closed(room)]);
  await expect(exportAll(transcript, dir, ['vtt'])).rejects.toMatchObject({
    code: 'export_failed',
  });
  expect(await readdir(dir)).toHaveLength(2);
});

test('a journal that a crash cut off is read up to there', async () => {
  const room = journal();
  void room.segment(caption('One.'));
  void room.segment(caption('Two.'));
  const path = join(dir, 'cut.jsonl');
  const text = await readFile(await closed(room), 'utf8');
  await writeFile(path, text.slice(0, text.indexOf('"Two."') + 3));
  const transcript = await readTranscript([path]);
  expect(transcript).toMatchObject({
    room: { name: 'Standup', sids: ['RM_abc'] },
    epoch,
    parts: [{ journal: path, complete: false, damagedLines: 1, from: 0, to: 2000 }],
  });
  expect(transcript.segments.map(({ text }) => text)).toEqual(['One.']);
  const [vtt = ''] = await exportAll(transcript, dir, ['vtt']);
  expect(await readFile(vtt, 'utf8')).toContain('<v Alice>One.');
});

test('damaged lines are left out, and what was written twice is there once; the name tells what the beginning does not', async () => {
  const room = journal();
  void room.segment(caption('One.'));
  const lines = (await readFile(await closed(room), 'utf8')).split('\n');
  const path = join(dir, 'RM_xyz_20261123T082400123Z.jsonl');
  await writeFile(
    path,
    ['\u0000\u0000{', ...lines.slice(1, 2), 'null', '', '      ', ...lines.slice(1)].join('\r\n'),
  );
  await appendFile(path, '{"v":9,"type":"segment"}\n{"v":1,"type":"mood","at":1}');
  const transcript = await readTranscript([path]);
  expect(transcript.room).toEqual({ name: '', sids: ['RM_xyz'] });
  expect(transcript.epoch).toBe(epoch);
  expect(transcript.segments.map(({ text }) => text)).toEqual(['One.']);
  expect(transcript.parts).toMatchObject([{ damagedLines: 4, complete: true }]);
});

test.each([
  ['no file', () => Promise.resolve(join(dir, 'nowhere.jsonl'))],
  ['a folder', () => Promise.resolve(dir)],
  [
    'another file',
    async () => {
      await writeFile(join(dir, 'poem.txt'), 'Shall I compare thee\n');
      return join(dir, 'poem.txt');
    },
  ],
])('what is no journal is refused: %s', async (_, path) => {
  await expect(readTranscript([await path()])).rejects.toMatchObject({ code: 'unreadable' });
});

test.each([
  ['half a line', '{"v":1,"type":"clo'],
  ['another version', '{"v":2,"type":"closed","at":1}'],
  ['an unknown type', '{"v":1,"type":"mood","at":1}'],
  ['a missing field', '{"v":1,"type":"joined","at":1,"identity":"a"}'],
  ['a wrong type', '{"v":1,"type":"closed","at":"1"}'],
  ['no record', '7'],
  ['nothing', ''],
])('a line is left out: %s', (_, line) => {
  expect(parseRecord(line)).toBeUndefined();
});

test('fields of later versions are no fault', () => {
  expect(parseRecord('{"v":1,"type":"closed","at":1,"mood":"calm"}')).toEqual({
    v: 1,
    type: 'closed',
    at: 1,
  });
});
