import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Journal } from '../../src/transcript/journal.js';
import { layOut } from '../../src/transcript/exports/cues.js';
import { readTranscript } from '../../src/transcript/read.js';
import { caption } from '../support/captions.js';
import { withBrowser } from '../support/chromium.js';
import { speaker } from '../support/passages.js';

const COMMAND = join(resolve(process.env['CAPTIONS_BUILD_DIR'] ?? 'dist'), 'cli', 'captions.js');
const HOUR = 3_600_000;

/** What was said by whom, each for eight seconds. */
const SAID: readonly (readonly [text: string, label: string, language?: string])[] = [
  [
    'So the plan is to move the library, which is too small, to the old bakery. Do we agree?',
    'Alice Ng',
  ],
  ['a < b && b > a --> c &amp; d', '<v Bob> & co'],
  ['今日の会議では新しい図書館の計画について話し合いたいと思います。', '田中', 'ja'],
  ['مرحبا بكم في اجتماع اليوم، سوف نتحدث عن الخطة الجديدة.', 'ليلى', 'ar'],
  ['👩‍👩‍👧‍👦 👍🏽 great!', 'Zoë'],
  ['x'.repeat(200), 'Alice Ng'],
  ['NOTE this is no note\n\n00:00.000 --> 00:09.000\nnor is this a cue', 'Alice Ng'],
];

let dir: string;
let journal: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'track-'));
  journal = await recorded('RM_abc', (room) => {
    // From the first minute into the hundredth hour.
    for (const hour of [0, 1, 24, 100]) {
      for (const [index, [text, label, language = 'en']] of SAID.entries()) {
        const start = hour * HOUR + index * 3000;
        const id = `SG_${hour}_${index}`;
        const said = { id, language, speaker: speaker(label), start, end: start + 8000 };
        void room.segment(caption(text, said));
      }
    }
  });
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** @returns the journal of a room in which something was said */
async function recorded(sid: string, say: (room: Journal) => void): Promise<string> {
  const room = new Journal({
    dir,
    room: { sid, name: `${sid} --> <b>` },
    epoch: Date.UTC(2026, 10, 23),
    onError: (error) => expect.fail(error.message),
  });
  say(room);
  await room.close(101 * HOUR);
  return room.path ?? '';
}

test('the exported WebVTT is read by a browser cue by cue, as it was laid out', async (context) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    COMMAND,
    'export',
    journal,
  ]);
  expect(stderr).toBe('');
  await withBrowser(context, async (browser) => {
    const page = await browser.newPage();
    const read = await page.evaluate(async (vtt) => {
      const track = document.createElement('track');
      track.src = URL.createObjectURL(new Blob([vtt], { type: 'text/vtt' }));
      const loaded = new Promise((resolve, reject) => {
        track.addEventListener('load', resolve);
        track.addEventListener('error', reject);
      });
      const video = document.createElement('video');
      video.append(track);
      document.body.append(video);
      track.track.mode = 'hidden';
      await loaded;
      return Array.from(track.track.cues ?? [], (cue) => {
        const shown = (cue as VTTCue).getCueAsHTML();
        return {
          id: cue.id,
          start: Math.round(cue.startTime * 1000),
          end: Math.round(cue.endTime * 1000),
          label: shown.querySelector('span')?.title,
          lines: shown.textContent.split('\n'),
        };
      });
    }, stdout);
    const cues = layOut((await readTranscript([journal])).segments);
    expect(read).toEqual(
      cues.map(({ id, start, end, label, lines }) => ({ id, start, end, label, lines })),
    );
    expect(read.length).toBeGreaterThan(4 * SAID.length);
  });
});

test('more than a pipe holds is printed to its end, and to nobody once its reader has gone', async () => {
  const long = await recorded('RM_long', (room) => {
    for (let index = 0; index < 5000; index += 1) void room.segment(caption(`Line ${index}.`));
  });
  const args = [COMMAND, 'export', long, '--format', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 });
  expect(stdout.length).toBeGreaterThan(1_000_000);
  expect(JSON.parse(stdout)).toMatchObject({ segments: { length: 5000 } });

  const command = spawn(process.execPath, args);
  command.stdout.destroy();
  expect(await once(command, 'exit')).toEqual([0, null]);
});
