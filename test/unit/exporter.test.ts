import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { segmentRecord } from '../../src/transcript/records.js';
import { FORMATS } from '../../src/transcript/exports/formats.js';
import { Exporter, type ExporterLimits } from '../../src/transcript/store/exporter.js';
import { caption } from '../support/captions.js';

let dir: string;
let exporters: Exporter[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'exporter-'));
  exporters = [];
});

afterEach(async () => {
  await Promise.all(exporters.map((exporter) => exporter.close()));
  await rm(dir, { recursive: true, force: true });
});

function exporter(limits?: Partial<ExporterLimits>): Exporter {
  const made = new Exporter(limits);
  exporters.push(made);
  return made;
}

/** @returns the path of the journal of a call in which so many things are said */
async function journalOf(room: string, segments: number): Promise<string> {
  const path = join(dir, `RM_${room}_20261123T082400123Z.jsonl`);
  const epoch = Date.UTC(2026, 10, 23, 8, 24, 0, 123);
  const lines = [{ v: 1, type: 'room', sid: `RM_${room}`, name: room, epoch }];
  const said = Array.from({ length: segments }, (_, index) => {
    const start = index * 4000;
    const words = Array.from({ length: 10 }, (_, at) => ({
      text: `word${at}`,
      start: start + at * 300,
      end: start + at * 300 + 250,
    }));
    const text = words.map((word) => word.text).join(' ');
    return segmentRecord(caption(text, { id: `SG_${index}`, start, end: start + 3000, words }));
  });
  await writeFile(path, [...lines, ...said].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

const ask = (to: Exporter, journal: string) => to.export({ journal, others: [], formats: FORMATS });
const names = async () => (await readdir(dir)).sort();

test('calls that end at once are exported one after the other, each whole', async () => {
  const rooms = ['a', 'b', 'c'];
  const journals = await Promise.all(rooms.map((room) => journalOf(room, 300)));
  const one = exporter();
  const done: string[] = [];
  const made = journals.map(async (journal, index) => {
    const paths = await ask(one, journal);
    done.push(rooms[index] ?? '');
    return paths;
  });
  for (const [index, paths] of (await Promise.all(made)).entries()) {
    const base = (journals[index] ?? '').replace(/jsonl$/, '');
    expect(paths).toEqual(FORMATS.map((format) => base + format));
    expect(await readFile(`${base}srt`, 'utf8')).toContain('\n300\n');
  }
  expect(done).toEqual(rooms);
  expect(await names()).toHaveLength(3 * (1 + FORMATS.length));
});

test('a call that needs too much memory says so, leaves nothing, and is in nobody’s way', async () => {
  const one = exporter({ heapMb: 24 });
  const journal = await journalOf('long', 40_000);
  const short = await journalOf('short', 3);
  const [long, after] = await Promise.allSettled([ask(one, journal), ask(one, short)]);
  expect(long).toMatchObject({
    status: 'rejected',
    reason: {
      code: 'export_failed',
      message: expect.stringMatching(
        /RM_long.*could not be made \(.*memory limit.*\)\. The journal is still there.*captions export/,
      ) as unknown,
    },
  });
  expect(after.status).toBe('fulfilled');
  const left = (await names()).filter((name) => name.startsWith('RM_long'));
  expect(left).toEqual(['RM_long_20261123T082400123Z.jsonl']);
});

test('a thread that ends in the middle of a file leaves no half of it, and it is made when asked again', async () => {
  const journal = await journalOf('cut', 10_000);
  const one = exporter();
  const made = ask(one, journal).catch((error: unknown) => error);
  await expect
    .poll(async () => (await names()).some((name) => name.endsWith('.tmp')), { interval: 1 })
    .toBe(true);
  await one.close();
  expect(await made).toMatchObject({ code: 'export_failed' });
  expect((await names()).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  expect(await ask(exporter(), journal)).toHaveLength(FORMATS.length);
  expect(await names()).toHaveLength(1 + FORMATS.length);
});

test('one that takes too long is given up', async () => {
  const journal = await journalOf('slow', 10_000);
  await expect(ask(exporter({ mostMs: 1 }), journal)).rejects.toMatchObject({
    code: 'export_failed',
    message: expect.stringContaining('timeout') as unknown,
  });
  expect(await names()).toEqual([expect.stringMatching(/jsonl$/)]);
});

test('what is no journal has no exports', async () => {
  const journal = join(dir, 'RM_x_20261123T082400123Z.jsonl');
  await writeFile(journal, 'Shall I compare thee\n');
  expect(await ask(exporter(), journal)).toEqual([]);
});

test('what was got from elsewhere is part of the call', async () => {
  const journal = await journalOf('a', 3);
  const [room = '', ...said] = (await readFile(journal, 'utf8')).trim().split('\n');
  const later = JSON.stringify({ ...JSON.parse(room), epoch: Date.UTC(2026, 10, 23, 8, 25) });
  const lines = [later, ...said.map((line) => line.replaceAll('SG_', 'SG_other_'))];
  const objects = [lines.slice(0, 2), lines.slice(2)].map(
    (some) => new TextEncoder().encode(some.map((line) => `${line}\n`).join('')).buffer,
  );
  const others = [{ address: 's3://calls/RM_a_20261123T082500000Z.jsonl', objects }];
  const [json = ''] = await exporter().export({ journal, others, formats: ['json'] });
  expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
    segments: ['SG_0', 'SG_1', 'SG_2', 'SG_other_0', 'SG_other_1', 'SG_other_2'].map((id) => ({
      id,
    })),
    parts: [{}, { journal: 'RM_a_20261123T082500000Z.jsonl' }],
  });
});

test('a folder that takes nothing is said as it is, and the thread goes on', async () => {
  const one = exporter();
  const journal = await journalOf('a', 3);
  const taken = journal.replace(/jsonl$/, 'vtt');
  // A folder in its place: the file cannot get its name.
  await mkdir(join(taken, 'in the way'), { recursive: true });
  await expect(ask(one, journal)).rejects.toMatchObject({
    code: 'export_failed',
    message: expect.stringContaining(`${taken} could not be written: free space there`) as unknown,
  });
  await rm(taken, { recursive: true });
  expect(await ask(one, journal)).toHaveLength(FORMATS.length);
});
