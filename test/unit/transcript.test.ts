import { EventEmitter, once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import type { TranscriptError } from '../../src/transcript/errors.js';
import { exportWebVtt, readJournal } from '../../src/transcript/export.js';
import { Journal, type JournalOptions } from '../../src/transcript/journal.js';
import { parseRecord } from '../../src/transcript/records.js';

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

function caption(text: string, rest: Partial<Caption> = {}): Caption {
  return {
    id: `SG_${text}`,
    rev: 4,
    final: true,
    text,
    settled: text.length,
    language: 'en',
    speaker: { identity: 'alice', name: 'Alice', label: 'Alice' },
    track: { sid: 'TR_1', source: 'microphone' },
    start: 1000,
    end: 2000,
    epoch,
    ...rest,
  };
}

test('a room leaves a journal and a WebVTT file', async () => {
  const room = journal();
  room.joined({ identity: 'alice', name: 'Alice' }, 10.4);
  const words = [{ text: 'Two.', start: 3000, end: 3400, confidence: 0.9, speaker: '1' }];
  room.segment(caption('Two.', { start: 3000, end: 3400, words }));
  room.segment(caption('One.'));
  room.segment(caption('not yet', { final: false }));
  room.segment(caption('', { id: 'SG_removed' }));
  room.left({ identity: 'alice', name: 'Alice' }, 4000);
  const files = await room.close(5000);

  expect(files.journal).toBe(join(dir, 'RM_abc_20261123T082400123Z.jsonl'));
  expect(files.vtt).toBe(join(dir, 'RM_abc_20261123T082400123Z.vtt'));
  expect(errors).toEqual([]);
  const text = await readFile(files.journal ?? '', 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const speaker = { identity: 'alice', name: 'Alice', label: 'Alice' };
  const track = { sid: 'TR_1', source: 'microphone' };
  expect(
    text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    { v: 1, type: 'room', sid: 'RM_abc', name: 'Standup', epoch },
    { v: 1, type: 'joined', at: 10, identity: 'alice', name: 'Alice' },
    {
      v: 1,
      type: 'segment',
      id: 'SG_Two.',
      text: 'Two.',
      language: 'en',
      speaker,
      track,
      start: 3000,
      end: 3400,
      words,
    },
    {
      v: 1,
      type: 'segment',
      id: 'SG_One.',
      text: 'One.',
      language: 'en',
      speaker,
      track,
      start: 1000,
      end: 2000,
    },
    { v: 1, type: 'left', at: 4000, identity: 'alice', name: 'Alice' },
    { v: 1, type: 'closed', at: 5000 },
  ]);
  expect(await readFile(files.vtt ?? '', 'utf8')).toBe(
    [
      'WEBVTT',
      '',
      'SG_One.',
      '00:00:01.000 --> 00:00:02.000',
      '<v Alice>One.',
      '',
      'SG_Two.',
      '00:00:03.000 --> 00:00:03.400',
      '<v Alice>Two.',
      '',
    ].join('\n'),
  );
  expect((await readdir(dir)).sort()).toEqual(
    [basename(files.journal ?? ''), basename(files.vtt ?? '')].sort(),
  );
});

test('closing again waits for the same end, and nothing is added after it', async () => {
  const room = journal();
  const closing = room.close(1);
  expect(room.close(2)).toBe(closing);
  room.segment(caption('late'));
  const { journal: path = '', vtt = '' } = await closing;
  expect((await readJournal(path)).segments).toEqual([]);
  expect(await readFile(vtt, 'utf8')).toBe('WEBVTT\n');
});

test('many lines at once are written in order', async () => {
  const room = journal();
  const texts = Array.from({ length: 3000 }, (_, index) => `Line ${index}.`);
  for (const [index, text] of texts.entries()) {
    room.segment(caption(text));
    if (index % 500 === 0) await new Promise(setImmediate);
  }
  const { journal: path = '' } = await room.close(1);
  expect((await readJournal(path)).segments.map(({ text }) => text)).toEqual(texts);
});

test('file names come from the sid and the time only, whatever the sid is', async () => {
  const folder = join(dir, 'not', 'yet');
  const room = journal({ dir: folder, room: { sid: '../../RM_/\u0000 x;$(y)', name: '../evil' } });
  const { journal: path = '' } = await room.close(1);
  expect(dirname(path)).toBe(folder);
  expect(basename(path)).toBe('RM_xy_20261123T082400123Z.jsonl');
  const nameless = journal({ room: { sid: '…', name: '' } });
  expect(basename((await nameless.close(1)).journal ?? '')).toBe('room_20261123T082400123Z.jsonl');
});

test('a second captioner of the same room has a file of its own', async () => {
  const rooms = [journal(), journal(), journal()];
  for (const [index, room] of rooms.entries()) room.segment(caption(`from ${index}`));
  const paths = (await Promise.all(rooms.map((room) => room.close(1)))).map(
    (files) => files.journal ?? '',
  );
  expect(new Set(paths).size).toBe(3);
  for (const [index, path] of paths.entries()) {
    expect((await readJournal(path)).segments.map(({ text }) => text)).toEqual([`from ${index}`]);
  }
});

test('lines wait while the folder cannot be written, and are all there once it can', async () => {
  // A file where the folder should be: nobody can write below it, not even root.
  const folder = join(dir, 'transcripts');
  await writeFile(folder, '');
  const failure = new EventEmitter();
  const failed = once(failure, 'failed');
  const onError = (error: TranscriptError) => {
    errors.push(error);
    failure.emit('failed');
  };
  const room = journal({ dir: folder, onError });
  room.segment(caption('One.'));
  await failed;
  room.segment(caption('Two.'));
  await new Promise(setImmediate);
  expect(errors.map(({ code }) => code)).toEqual(['write_failed']);
  expect(errors[0]?.message).toContain(folder);
  expect(errors[0]?.message).not.toContain('One.');
  await rm(folder);
  room.segment(caption('Three.'));
  const { journal: path = '', vtt } = await room.close(1);
  const { segments, complete } = await readJournal(path);
  expect(segments.map(({ text }) => text)).toEqual(['One.', 'Two.', 'Three.']);
  expect(complete).toBe(true);
  expect(vtt).toBeDefined();
  expect(errors).toHaveLength(1);
});

test('a folder that stays unwritable is told of, and the room ends all the same', async () => {
  const folder = join(dir, 'transcripts');
  await writeFile(folder, '');
  const room = journal({ dir: folder, maxWaitingBytes: 2000 });
  for (let index = 0; index < 100; index += 1) room.segment(caption(`Line ${index}.`));
  expect(await room.close(1)).toEqual({ journal: undefined, vtt: undefined });
  expect(errors.map(({ code }) => code).sort()).toEqual([
    'lines_lost',
    'lines_lost',
    'write_failed',
  ]);
});

test('an export that cannot be written leaves no half file, and is told of', async () => {
  await mkdir(join(dir, 'RM_abc_20261123T082400123Z.vtt'));
  const room = journal();
  room.segment(caption('One.'));
  const { journal: path = '', vtt } = await room.close(1);
  expect(vtt).toBeUndefined();
  expect(errors.map(({ code }) => code)).toEqual(['export_failed']);
  expect((await readJournal(path)).segments).toHaveLength(1);
  expect(await readdir(dir)).toHaveLength(2);
});

test('a journal that a crash cut off is read up to there', async () => {
  const room = journal();
  room.segment(caption('One.'));
  room.segment(caption('Two.'));
  const { journal: whole = '' } = await room.close(1);
  const path = join(dir, 'cut.jsonl');
  const text = await readFile(whole, 'utf8');
  const lastLines = text.indexOf('"Two."') + 3;
  await writeFile(path, text.slice(0, lastLines));
  const transcript = await readJournal(path);
  expect(transcript).toMatchObject({
    room: { sid: 'RM_abc', epoch },
    complete: false,
    damagedLines: 1,
  });
  expect(transcript.segments.map(({ text }) => text)).toEqual(['One.']);
  expect(await readFile(await exportWebVtt(path), 'utf8')).toContain('<v Alice>One.');
});

test('damaged lines in the middle are left out, and what was written twice is there once', async () => {
  const path = join(dir, 'broken.jsonl');
  const room = journal();
  room.segment(caption('One.'));
  const { journal: whole = '' } = await room.close(1);
  const lines = (await readFile(whole, 'utf8')).split('\n');
  await writeFile(
    path,
    ['\u0000\u0000{', ...lines.slice(1, 2), 'null', '', ...lines.slice(1)].join('\r\n'),
  );
  await appendFile(path, '{"v":9,"type":"segment"}\n{"v":1,"type":"mood","at":1}');
  const { room: header, segments, damagedLines, complete } = await readJournal(path);
  expect(header).toBeUndefined();
  expect(segments.map(({ text }) => text)).toEqual(['One.']);
  expect(damagedLines).toBe(4);
  expect(complete).toBe(true);
});

test.each([
  ['no file', () => join(dir, 'nowhere.jsonl')],
  ['a folder', () => dir],
])('what is no journal is refused: %s', async (_, path) => {
  await expect(readJournal(path())).rejects.toMatchObject({ code: 'unreadable' });
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
