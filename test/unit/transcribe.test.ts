import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ProgressBar } from '../../src/cli/progress.js';
import {
  type PulseServer,
  type Recogniser,
  scriptedWords,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { writeWav } from '../../src/devkit/pulse-server/wav.js';
import { captions } from '../support/command.js';

/** Says the same of every recording. */
const parrot: Recogniser = {
  name: 'a parrot',
  open: () => ({
    push: () => undefined,
    flush: () => Promise.resolve(scriptedWords('So the plan is good. We <go> on')),
    close: () => undefined,
  }),
  close: () => Promise.resolve(),
};

let server: PulseServer;
let directory: string;
let audio: string;
beforeAll(async () => {
  server = await startPulseServer({ recogniser: parrot });
  directory = await mkdtemp(join(tmpdir(), 'transcribe-'));
  audio = join(directory, 'call.wav');
  await writeFile(audio, writeWav({ sampleRate: 16_000, samples: new Int16Array(48_000) }));
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function run(...args: string[]) {
  vi.stubEnv('SMALLEST_BASE_URL', server.url);
  if (process.env['SMALLEST_API_KEY'] === undefined) vi.stubEnv('SMALLEST_API_KEY', 'key');
  return captions('transcribe', ...args);
}

test.each([
  ['txt', /^Speaker \(00:00:00\)\nSo the plan is good\. We <go> on\n$/],
  ['md', /^# call\.wav\n\n\*\*Speaker\*\* 00:00:00\n\nSo the plan is good\. We \\<go\\> on\n$/],
  ['srt', /^1\n00:00:00,\d{3} --> 00:00:\d\d,\d{3}\nSpeaker: So the plan is good\.\n\n2\n/],
  [
    'vtt',
    /^WEBVTT\n\nNOTE\ncall\.wav\n\n1\n00:00:00\.\d{3} --> .*\n<v Speaker>So the plan is good\.\n\n2\n.*\n<v Speaker>We &lt;go&gt; on\n$/,
  ],
])('a recording is printed as %s', async (format, expected) => {
  const { code, stdout, stderr } = await run(audio, '--format', format);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(expected);
});

test('a recording becomes a file, whole, with nothing beside it', async () => {
  const output = join(directory, 'call.json');
  expect(await run(audio, '--format', 'json', '--output', output)).toMatchObject({
    code: 0,
    stdout: '',
  });
  const { segments } = JSON.parse(await readFile(output, 'utf8')) as {
    segments: { text: string }[];
  };
  expect(segments.map(({ text }) => text)).toEqual(['So the plan is good.', 'We <go> on']);
  expect(await readdir(directory)).toEqual(['call.json', 'call.wav']);
});

test.each([
  [[], 'give one audio file'],
  [['a.wav', 'b.wav'], 'give one audio file'],
  [['a.wav', '--format', 'doc'], '--format takes one of vtt'],
  [['a.wav', '--fast'], '--fast'],
  [['a.wav', '--model', 'whisper'], '--model takes'],
  [['nowhere.wav'], 'nowhere.wav cannot be read'],
  [['a.wav', '--language', 'klingon'], 'language is not one of'],
])('%j is refused with a reason and ends with 2', async (args, problem) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(problem);
});

test('a key that Pulse refuses ends with 1, says what to do, and does not show the key', async () => {
  vi.stubEnv('SMALLEST_API_KEY', 'wrong-key');
  const strict = await startPulseServer({ recogniser: parrot, apiKey: 'right-key' });
  const before = server;
  server = strict;
  const { code, stderr } = await run(audio, '--output', join(directory, 'none.txt'));
  server = before;
  await strict.close();
  expect(code).toBe(1);
  expect(stderr).toContain('SMALLEST_API_KEY');
  expect(stderr).not.toContain('wrong-key');
  expect(await readdir(directory)).not.toContain('none.txt');
});

test('the bar grows on a terminal, goes away, and is not there elsewhere', () => {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  const bar = new ProgressBar({ isTTY: true, write });
  bar.update(500_000, 1_000_000);
  bar.update(1_000_000, 1_000_000);
  bar.clear();
  expect(written[0]).toContain(`[${'#'.repeat(15)}${'.'.repeat(15)}] 1.0 MB, 50 %`);
  expect(written[1]).toContain('being recognised');
  expect(written[2]).toMatch(/^\r +\r$/);
  new ProgressBar({ isTTY: false, write }).update(1, 2);
  expect(written).toHaveLength(3);
});
