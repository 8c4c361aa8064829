import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Journal, type JournalOptions } from '../../src/transcript/journal.js';
import { caption } from '../support/captions.js';
import { captions } from '../support/command.js';
import { smallDisk } from '../support/small-disk.js';

const EPOCH = Date.UTC(2026, 10, 23, 8, 24, 0, 123);

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'export-'));
  vi.stubEnv('TRANSCRIPT_DIR', dir);
  vi.stubEnv('TRANSCRIPT_STORE', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

const run = (...args: string[]) => captions('export', ...args);

function open(rest: Partial<JournalOptions> = {}): Journal {
  const room = { sid: 'RM_abc', name: 'Standup' };
  return new Journal({
    dir,
    room,
    epoch: EPOCH,
    onError: (error) => expect.fail(error.message),
    ...rest,
  });
}

/** @returns the journal of a call that is over, in which Alice says each text for a second, from 1, 3, 5 s on */
async function finished(texts: readonly string[], rest: Partial<JournalOptions> = {}) {
  const journal = open(rest);
  for (const [index, text] of texts.entries()) {
    const start = 1000 + index * 2000;
    void journal.segment(caption(text, { start, end: start + 1000 }));
  }
  await journal.close(60_000);
  return journal.path ?? '';
}

/** The times at which the cues begin. */
const starts = (vtt: string) => Array.from(vtt.matchAll(/^(\S+) -->/gm), ([, time]) => time);

describe('a journal', () => {
  test('that is finished is printed, without a word besides', async () => {
    const journal = await finished(['One.', 'Two.']);
    const { code, stdout, stderr } = await run(journal);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^WEBVTT\n[^]*<v Alice>One\.\n[^]*<v Alice>Two\.\n$/);
    expect(starts(stdout)).toEqual(['00:00:01.000', '00:00:03.000']);
  });

  test.each([
    ['srt', /^1\n00:00:01,000 --> 00:00:02,000\nAlice: One\.\n$/],
    ['txt', /^Standup\nDate: 2026-11-23 08:24 UTC\n[^]*\n\nAlice \(00:00:01\)\nOne\.\n$/],
    [
      'md',
      /^# Standup\n\n- Date: 2026-11-23 08:24 UTC\n[^]*\n\n\*\*Alice\*\* 00:00:01\n\nOne\.\n$/,
    ],
    ['json', /^\{\n {2}"v": 1,\n[^]*"text":"One\."/],
  ])('is printed as %s', async (format, expected) => {
    const { code, stdout } = await run(await finished(['One.']), '--format', format);
    expect(code).toBe(0);
    expect(stdout).toMatch(expected);
  });

  test('of a call that goes on is exported up to now, with a warning', async () => {
    const journal = open();
    await journal.segment(caption('One.'));
    const { code, stdout, stderr } = await run(journal.path ?? '');
    await journal.close(5000);
    expect(code).toBe(0);
    expect(stdout).toContain('<v Alice>One.');
    expect(stderr).toMatch(/missing: what came after 00:00:02 .* goes on, or was cut off\n$/);
  });

  test('that is broken is exported without what is missing, and says what that is', async () => {
    const whole = await readFile(await finished(['One.', 'Two.', 'Three.']), 'utf8');
    const broken = join(dir, 'broken.jsonl');
    const lines = whole.slice(0, whole.indexOf('"Three."') + 3).split('\n');
    const gap = { v: 1, type: 'gap', track: 'TR_1', identity: 'alice', start: 2000, end: 2800 };
    await writeFile(
      broken,
      [lines[0], '\u0000\u0000{', JSON.stringify(gap), ...lines.slice(1)].join('\n'),
    );
    const { code, stdout, stderr } = await run(broken);
    expect(code).toBe(0);
    expect(stdout.match(/(?<=<v Alice>).*/g)).toEqual(['One.', 'Two.']);
    expect(stderr).toContain('what came after 00:00:04 in a journal without an end');
    expect(stderr).toContain('2 lines of the journal that could not be read');
    expect(stderr).toContain('1 piece of audio, 0.8 s in all, lost before recognition');
    expect(stderr).not.toContain('Three');
  });

  test('comes with the other parts of its call', async () => {
    await finished(['One.']);
    const second = await finished(['Two.'], { epoch: EPOCH + 62_000 });
    await finished(['Of another room.'], { room: { sid: 'RM_x', name: 'Retro' }, epoch: EPOCH });
    const { stdout } = await run(second);
    expect(starts(stdout)).toEqual(['00:00:01.000', '00:01:03.000']);
    expect(stdout).not.toContain('another');
  });
});

describe('a room', () => {
  test.each(['Standup', 'RM_new'])('is found by its name and its sid: %s', async (room) => {
    await finished(['Long ago.'], {
      epoch: EPOCH - 86_400_000,
      room: { sid: 'RM_old', name: 'Standup' },
    });
    await finished(['One.'], { room: { sid: 'RM_new', name: 'Standup' } });
    const { code, stdout } = await run(room);
    expect(code).toBe(0);
    expect(stdout).toContain('One.');
    expect(stdout).not.toContain('Long ago.');
  });

  test('that nobody has heard of ends with 1', async () => {
    await finished(['One.']);
    const { code, stdout, stderr } = await run('Retro');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`no call of a room of that name in ${dir}`);
  });
});

describe('beside a recording', () => {
  test.each([
    [
      ['--offset', '-1500'],
      ['00:00:00.000', '00:00:01.500'],
    ],
    [['--offset=250'], ['00:00:01.250', '00:00:03.250']],
    [
      ['--epoch', String(EPOCH - 1000)],
      ['00:00:02.000', '00:00:04.000'],
    ],
    [['--epoch', `${EPOCH + 2500}000000`], ['00:00:00.500']],
    [
      ['--epoch', '2026-11-23T08:24:00.623Z'],
      ['00:00:00.500', '00:00:02.500'],
    ],
    [
      ['--epoch', '2026-11-23T10:24:01.123+02:00'],
      ['00:00:00.000', '00:00:02.000'],
    ],
  ])('%j', async (options, expected) => {
    const { code, stdout } = await run(await finished(['One.', 'Two.']), ...options);
    expect(code).toBe(0);
    expect(starts(stdout)).toEqual(expected);
  });

  test('the words move, too, and the date is that of the new beginning', async () => {
    const journal = open();
    const words = [
      { text: 'Just', start: 1000, end: 1200 },
      { text: 'one.', start: 1200, end: 1900 },
    ];
    void journal.segment(caption('Just one.', { start: 1000, end: 2000, words }));
    await journal.close(5000);
    const { stdout } = await run(journal.path ?? '', '--offset', '-1500', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      epoch: EPOCH + 1500,
      end: 3500,
      segments: [
        {
          start: 0,
          end: 500,
          words: [
            { start: 0, end: 0 },
            { start: 0, end: 400 },
          ],
        },
      ],
    });
  });
});

describe('a file', () => {
  test('is written whole, in the format of its ending, with nothing beside it', async () => {
    const folder = join(dir, 'out');
    await mkdir(folder);
    const output = join(folder, 'call.srt');
    await writeFile(output, 'old');
    const { code, stdout } = await run(await finished(['One.']), '--output', output);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(await readFile(output, 'utf8')).toMatch(/^1\n00:00:01,000 --> /);
    expect(await readdir(folder)).toEqual(['call.srt']);
  });

  test.each([
    ['no journal', 'Shall I compare thee\nto a summer’s day?\n'],
    ['nothing but half a line', '{"v":1,"type":"roo'],
  ])('stays as it was where the journal cannot be read: %s', async (_, text) => {
    const journal = join(dir, 'broken.jsonl');
    const output = join(dir, 'call.vtt');
    await writeFile(journal, text);
    await writeFile(output, 'old');
    const { code, stdout, stderr } = await run(journal, '--output', output);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`no journal that can be read at ${journal}`);
    expect(await readFile(output, 'utf8')).toBe('old');
    expect(await readdir(dir)).toEqual(['broken.jsonl', 'call.vtt']);
  });

  test('cannot be the journal', async () => {
    const journal = await finished(['One.']);
    const before = await readFile(journal, 'utf8');
    const { code, stderr } = await run(journal, '--format', 'vtt', '--output', journal);
    expect(code).toBe(2);
    expect(stderr).toContain('--output is the journal itself');
    expect(await readFile(journal, 'utf8')).toBe(before);
  });

  test('for which there is no space ends with 1, says what to do, and leaves nothing', async (context) => {
    const journal = await finished(['One.']);
    const disk = await smallDisk(64 * 1024);
    if (!disk) return context.skip('this user may not mount a disk');
    try {
      const output = join(disk.dir, 'call.vtt');
      await writeFile(output, 'old');
      await disk.fill();
      const { code, stderr } = await run(journal, '--output', output);
      expect(code).toBe(1);
      expect(stderr).toMatch(/call\.vtt could not be written \(ENOSPC.*\): free space there, or/);
      expect(await readFile(output, 'utf8')).toBe('old');
      expect(await readdir(disk.dir)).toEqual(['call.vtt', 'filler']);
    } finally {
      await disk.close();
    }
  });

  test('that cannot be there ends with 2 and leaves nothing', async () => {
    const journal = await finished(['One.']);
    const { code, stderr } = await run(journal, '--output', join(dir, 'no', 'call.vtt'));
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be written: choose another --output');
    expect(await readdir(dir)).toHaveLength(1);
  });
});

test.each([
  [[], 'give one journal or room'],
  [['a', 'b'], 'give one journal or room'],
  [['a', '--format', 'doc'], '--format takes one of vtt, srt, json, txt, md'],
  [['a', '--output', 'call.doc'], '--format takes one of vtt, srt, json, txt, md'],
  [['a', '--fast'], '--fast'],
  [['a', '--offset', '1.5'], '--offset takes whole milliseconds'],
  [['a', '--offset', '1000', '--epoch', '1000'], 'not both'],
  [['a', '--epoch', 'yesterday'], '--epoch takes'],
  [['a', '--epoch', '2026-11-23T08:24:00'], 'with its time zone'],
])('%j is refused with a reason and ends with 2', async (args, problem) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(problem);
});

test('a store that is none is refused before anything is looked for', async () => {
  vi.stubEnv('TRANSCRIPT_STORE', 'https://example.org');
  expect(await run('Standup')).toMatchObject({ code: 2, stdout: '' });
});

test('help is printed and ends with 0', async () => {
  const { code, stdout, stderr } = await run('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^captions export <journal or room>/);
});
