import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createExactRecogniser } from '../../src/devkit/pulse-server/exact/index.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { journalsIn } from '../../src/transcript/folder.js';
import { readTranscript } from '../../src/transcript/read.js';
import { alphabetWords } from '../support/alphabet.js';
import { captions } from '../support/command.js';
import { EPOCH, filesIn, said, writeCall, writeRecording } from '../support/recorded-call.js';

let server: PulseServer;
/** Every word that was sent to Pulse. */
let sent: string[];
let directory: string;
/** With the journal, and nothing else. */
let calls: string;
beforeEach(async () => {
  sent = [];
  const exact = createExactRecogniser({ sentenceWords: 4 });
  server = await startPulseServer({
    recogniser: {
      ...exact,
      open: (options, events) =>
        exact.open(options, {
          ...events,
          final: (words, end) => {
            sent.push(...words.map(({ text }) => text.toLowerCase().replace('.', '')));
            events.final(words, end);
          },
        }),
    },
  });
  directory = await mkdtemp(join(tmpdir(), 'refine-'));
  calls = join(directory, 'calls');
  await mkdir(calls);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await server.close();
  await rm(directory, { recursive: true });
});

const run = (...args: string[]) => command('refine', ...args);

function command(...args: string[]) {
  vi.stubEnv('SMALLEST_BASE_URL', server.url);
  vi.stubEnv('SMALLEST_API_KEY', 'key');
  vi.stubEnv('TRANSCRIPT_DIR', calls);
  vi.stubEnv('TRANSCRIPT_FORMATS', 'vtt,txt');
  return captions(...args);
}

const person = (identity: string) => ({ identity, name: identity.toUpperCase() });
const recording = (name: string, lengthMs: number, speech: Record<number, number[]>) =>
  writeRecording(join(directory, name), lengthMs, speech);
const written = (...indices: number[]) => alphabetWords(indices).join(' ').toLowerCase();
const refinedOf = (journal: string) => journal.replace(/jsonl$/, 'refined.jsonl');

async function transcriptOf(journal: string) {
  const transcript = await readTranscript([refinedOf(journal)]);
  const lines = transcript.segments.map(
    ({ speaker, text }) => `${speaker.identity}: ${text.toLowerCase().replaceAll('.', '')}`,
  );
  return { ...transcript, lines };
}

describe('recordings of tracks', () => {
  test('make a better transcript beside the first, of the same people on the same clock', async () => {
    const journal = await writeCall(calls, (call) => {
      void call.joined(person('alice'), 0);
      void call.joined(person('bob'), 500);
      void call.segment(said('alice', 2000, 'what was misheard here'));
      void call.gap({ track: 'TR_alice', identity: 'alice', start: 5000, end: 7000 });
      void call.gap({ track: 'TR_bob', identity: 'bob', start: 9000, end: 9500 });
      void call.segment(said('bob', 8000, 'Bob is not on a recording.'));
      void call.left(person('bob'), 12_000);
    });
    const before = await filesIn(calls);
    const file = await recording('a=b.wav', 9000, { 1500: [5, 42, 79, 116], 5000: [7, 8, 9, 10] });
    const { code, stdout } = await run(journal, '--track', `alice=${file}@${EPOCH + 500}000000`);

    expect(code).toBe(0);
    const made = ['jsonl', 'vtt', 'txt'].map((end) => refinedOf(journal).replace(/jsonl$/, end));
    expect(stdout.trim().split('\n')).toEqual(made);
    const after = await filesIn(calls);
    expect(after).toMatchObject(before);
    expect(Object.keys(after)).toHaveLength(4);
    expect(await journalsIn(calls)).toHaveLength(1);

    const first = await readTranscript([journal]);
    const { lines, ...refined } = await transcriptOf(journal);
    expect(lines).toEqual([
      `alice: ${written(5, 42, 79, 116)}`,
      `alice: ${written(7, 8, 9, 10)}`,
      'bob: bob is not on a recording',
    ]);
    expect(refined).toMatchObject({
      room: first.room,
      epoch: EPOCH,
      end: 20_000,
      people: first.people,
    });
    expect(refined.gaps).toEqual([{ track: 'TR_bob', identity: 'bob', start: 9000, end: 9500 }]);
    const [one] = refined.segments;
    const [old] = first.segments;
    expect(one).toMatchObject({ speaker: old?.speaker, track: old?.track, language: 'en' });
    expect(one?.id).not.toBe(old?.id);
    // The recording began half a second after the call.
    expect(Math.abs((one?.start ?? 0) - 2000)).toBeLessThan(50);
    expect(
      after[
        refinedOf(journal)
          .replace(`${calls}/`, '')
          .replace(/jsonl$/, 'vtt')
      ],
    ).toContain('<v ALICE>');
  });

  test('have nothing of what somebody said while not wanting to be captioned', async () => {
    const journal = await writeCall(calls, (call) => {
      void call.joined(person('bob'), 0);
      void call.segment(said('bob', 1000, 'heard before'));
      void call.optedOut(person('bob'), 5000);
      void call.optedIn(person('bob'), 10_000);
      void call.segment(said('bob', 12_000, 'heard again'));
    });
    const file = await recording('bob.wav', 15_000, {
      1000: [1, 2, 3, 4],
      6000: [31, 32, 33, 34],
      12_000: [5, 6, 7, 8],
    });
    expect(await run(journal, '--track', `bob=${file}`, '--epoch', String(EPOCH))).toMatchObject({
      code: 0,
    });
    const { lines, people } = await transcriptOf(journal);
    expect(lines).toEqual([`bob: ${written(1, 2, 3, 4)}`, `bob: ${written(5, 6, 7, 8)}`]);
    expect(people).toMatchObject([{ identity: 'bob', optedOut: false }]);
    const kept = Object.values(await filesIn(calls))
      .join('\n')
      .toLowerCase();
    for (const word of alphabetWords([31, 32, 33, 34])) expect(kept).not.toContain(word);
    expect(sent.join(' ')).toBe(written(1, 2, 3, 4, 5, 6, 7, 8));
  });

  test('that cannot be muted are not sent', async () => {
    const journal = await writeCall(calls, (call) => {
      void call.segment(said('bob', 1000, 'heard before'));
      void call.optedOut(person('bob'), 5000);
    });
    const before = await filesIn(calls);
    const ogg = join(directory, 'bob.ogg');
    await writeFile(ogg, 'OggS and so on');
    const { code, stderr } = await run(journal, '--track', `bob=${ogg}@${EPOCH}`);
    expect(code).toBe(2);
    expect(stderr).toContain('needs a WAV file');
    expect(server.stats.batchRequests).toBe(0);
    expect(await filesIn(calls)).toEqual(before);
  });
});

describe('a recording of everybody', () => {
  test('has the speakers of the first transcript, and names voices that it does not know', async () => {
    const journal = await writeCall(calls, (call) => {
      void call.segment(said('alice', 1000, 'one two three four'));
      void call.segment(said('bob', 3000, 'five six seven eight'));
      void call.segment(said('alice', 5000, 'nine ten eleven twelve'));
    });
    const file = await recording('all.wav', 12_000, {
      1000: [1, 2, 3, 4],
      3000: [5, 6, 7, 8],
      5000: [9, 10, 11, 12],
      9000: [13, 14, 15, 16],
    });
    expect(await run('Standup', '--recording', `${file}@${EPOCH}`)).toMatchObject({ code: 0 });
    expect((await transcriptOf(journal)).lines).toEqual([
      `alice: ${written(1, 2, 3, 4)}`,
      `bob: ${written(5, 6, 7, 8)}`,
      `alice: ${written(9, 10, 11, 12)}`,
      `voice: ${written(13, 14, 15, 16)}`,
    ]);
  });

  test('is not heard while somebody is there who does not want to be captioned', async () => {
    const journal = await writeCall(calls, (call) => {
      void call.segment(said('alice', 1000, 'one two three four'));
      void call.joined(person('carol'), 4000);
      void call.optedOut(person('carol'), 4000);
      void call.segment(said('alice', 5500, 'as it was'));
      void call.left(person('carol'), 9000);
      void call.segment(said('alice', 12_000, 'five six seven eight'));
    });
    const file = await recording('all.wav', 15_000, {
      1000: [1, 2, 3, 4],
      5500: [21, 22, 23],
      7000: [31, 32, 33, 34],
      12_000: [5, 6, 7, 8],
    });
    expect(await run(journal, '--recording', `${file}@${EPOCH}`)).toMatchObject({ code: 0 });
    const { lines, people } = await transcriptOf(journal);
    expect(lines).toEqual([
      `alice: ${written(1, 2, 3, 4)}`,
      'alice: as it was',
      `alice: ${written(5, 6, 7, 8)}`,
    ]);
    expect(people.map(({ identity }) => identity)).toEqual(['alice']);
    expect(sent.join(' ')).toBe(written(1, 2, 3, 4, 5, 6, 7, 8));
  });
});

describe('where it does not work', () => {
  const call = () =>
    writeCall(calls, (journal) => {
      void journal.segment(said('alice', 1000, 'one two three'));
    });

  test.each([
    [[], 'give one journal or room'],
    [['JOURNAL'], 'give recordings'],
    [['JOURNAL', '--track', 'alice=a.wav', '--recording', 'b.wav'], 'give recordings'],
    [['JOURNAL', '--track', 'alice=a.wav'], 'say when alice=a.wav begins'],
    [['JOURNAL', '--track', 'a.wav@1795400000000'], '--track takes IDENTITY=FILE'],
    [['JOURNAL', '--track', 'carol=a.wav@1795400000000'], 'it has alice'],
    [['JOURNAL', '--track', 'alice=none.wav@1795400000000'], 'none.wav cannot be read'],
    [['JOURNAL', '--recording', 'a.wav', '--epoch', 'noon'], '--epoch takes Unix'],
    [['JOURNAL', '--recording', 'a.wav@1795400000000', '--output', 'x'], '--output takes one'],
    [['JOURNAL', '--recording', 'a.wav@1795400000000', '--format', 'doc'], '--format takes'],
    [['JOURNAL', '--recording', 'a.wav@1795400000000', '--language', 'fr'], 'pulse-pro'],
    [['REFINED', '--recording', 'a.wav@1795400000000'], 'refined already'],
  ])('%j is refused with a reason and ends with 2', async (args, problem) => {
    const journal = await call();
    const given = args.map((arg) =>
      arg === 'JOURNAL' ? journal : arg === 'REFINED' ? refinedOf(journal) : arg,
    );
    const { code, stdout, stderr } = await run(...given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(problem);
  });

  test('a room that nobody knows ends with 1', async () => {
    const { code, stderr } = await run('Nowhere', '--recording', 'a.wav@1795400000000');
    expect(code).toBe(1);
    expect(stderr).toContain('There is no journal at Nowhere');
  });

  test('a key that is refused ends with 1 and leaves the folder as it was', async () => {
    const journal = await call();
    const file = await recording('a.wav', 3000, { 1000: [1, 2, 3] });
    const before = await filesIn(calls);
    server.faults.refuseBatch({ status: 401 });
    const { code, stderr } = await run(journal, '--track', `alice=${file}@${EPOCH}`);
    expect(code).toBe(1);
    expect(stderr).toContain('SMALLEST_API_KEY');
    expect(await filesIn(calls)).toEqual(before);
  });

  test('a failure when some is recognised already leaves the folder as it was', async () => {
    const journal = await call();
    const file = await recording('a.wav', 3000, { 1000: [1, 2, 3] });
    const broken = join(directory, 'b.wav');
    await writeFile(broken, 'RIFF and no more');
    const before = await filesIn(calls);
    const tracks = [file, broken].flatMap((path) => ['--track', `alice=${path}@${EPOCH}`]);
    expect((await run(journal, ...tracks)).code).toBeGreaterThan(0);
    expect(server.stats.batchRequests).toBe(2);
    expect(await filesIn(calls)).toEqual(before);
  });

  test.each([
    ['the journal', 'jsonl', []],
    ['an export', 'vtt', ['jsonl']],
  ])('%s that cannot be written ends with 1 and leaves nothing half', async (_, end, left) => {
    const journal = await call();
    const file = await recording('a.wav', 3000, { 1000: [1, 2, 3] });
    const blocked = refinedOf(journal).replace(/jsonl$/, end);
    await mkdir(blocked);
    const { code, stderr } = await run(journal, '--track', `alice=${file}@${EPOCH}`);
    expect(code).toBe(1);
    expect(stderr).toContain('could not be written');
    await rm(blocked, { recursive: true });
    const names = [journal, ...left.map((name) => refinedOf(journal).replace(/jsonl$/, name))];
    expect(Object.keys(await filesIn(calls))).toEqual(names.map((path) => basename(path)));
  });

  test('Ctrl-C ends it with 130 and leaves the folder as it was', async () => {
    const journal = await call();
    const file = await recording('a.wav', 3000, { 1000: [1, 2, 3] });
    const before = await filesIn(calls);
    // The answer never comes.
    const slow = createExactRecogniser({ latencyMs: 600_000 });
    const hanging = await startPulseServer({ recogniser: slow });
    const usual = server;
    server = hanging;
    const running = run(journal, '--track', `alice=${file}@${EPOCH}`);
    await expect.poll(() => hanging.stats.batchRequests).toBe(1);
    process.emit('SIGINT');
    expect(await running).toMatchObject({ code: 130, stdout: '' });
    server = usual;
    await hanging.close();
    expect(await filesIn(calls)).toEqual(before);
  });

  test('a recording of somebody else, or of another time, is warned of', async () => {
    const journal = await call();
    const file = await recording('a.wav', 12_000, { 9000: [1, 2, 3, 4] });
    const { code, stderr } = await run(journal, '--track', `alice=${file}@${EPOCH}`);
    expect(code).toBe(0);
    expect(stderr).toContain('only 0 % of its words');
  });

  test('a recording without a word changes nothing', async () => {
    const journal = await call();
    const file = await recording('a.wav', 12_000, {});
    const { code, stderr } = await run(journal, '--track', `alice=${file}@${EPOCH}`);
    expect(code).toBe(0);
    expect(stderr).toContain('no word was recognised');
    expect((await transcriptOf(journal)).lines).toEqual(['alice: one two three']);
  });
});

test('one format can be had alone, in a file of its own', async () => {
  const journal = await writeCall(calls, (call) => {
    void call.segment(said('alice', 1000, 'one two three'));
  });
  const file = await recording('a.wav', 3000, { 1000: [1, 2, 3, 4] });
  const output = join(directory, 'better.srt');
  const track = `TR_alice=${file}@${new Date(EPOCH).toISOString()}`;
  const { code, stdout } = await run(
    journal,
    '--track',
    track,
    '--format',
    'srt',
    '--output',
    output,
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${refinedOf(journal)}\n${output}\n` });
  expect(Object.keys(await filesIn(calls))).toHaveLength(2);
  expect(await readFile(output, 'utf8')).toContain('ALICE: ');
  // Others can be had later, from one and from the other.
  expect((await command('export', refinedOf(journal))).stdout.toLowerCase()).not.toContain('three');
  expect((await command('export', journal)).stdout).toContain('one two three');
});

test('a store that is away ends it with 1, and what is made stays for a worker to send', async () => {
  vi.stubEnv('TRANSCRIPT_STORE', 's3://calls/prefix');
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const journal = await writeCall(calls, (call) => {
    void call.joined(person('alice'), 0);
    void call.segment(said('alice', 1000, 'what was misheard'));
  });
  const file = await recording('alice.wav', 4000, { 1000: [5, 6, 7, 8] });
  const { code, stdout, stderr } = await run(journal, '--track', `alice=${file}@${EPOCH}`);
  expect(code).toBe(1);
  expect(stdout.trim().split('\n')).toHaveLength(3);
  expect(stderr).toContain('The store s3://calls/prefix/ cannot');
  expect(stderr).toContain(`is whole in ${calls}, and is sent by the next worker`);
  const files = await readdir(calls);
  expect(files.filter((name) => name.includes('.refined.')).map((name) => extname(name))).toEqual([
    '.jsonl',
    '.pending',
    '.txt',
    '.vtt',
  ]);
});
