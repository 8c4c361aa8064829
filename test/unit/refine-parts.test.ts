import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeWav } from '../../src/devkit/pulse-server/wav.js';
import type { Word } from '../../src/pulse/events.js';
import { mergeParts, placeParts } from '../../src/transcript/merge.js';
import type { JournalRecord } from '../../src/transcript/records.js';
import { everybody, scopeOf } from '../../src/transcript/refine/lane.js';
import { mutedWav } from '../../src/transcript/refine/muted-wav.js';
import type { Recognised } from '../../src/transcript/refine/recognised.js';
import { refine } from '../../src/transcript/refine/refined.js';
import { shared, touchesAny, united } from '../../src/transcript/refine/spans.js';
import { unheardIn } from '../../src/transcript/refine/unheard.js';
import { closed, event, part, segment } from '../support/journal-parts.js';

const EPOCH = 1_795_000_000_000;
const BOB = {
  speaker: { identity: 'bob', name: 'Bob', label: 'Bob' },
  track: { sid: 'TR_2', source: 'microphone' },
};

/** Words of 300 ms, one after the other. */
function words(start: number, text: string, speaker?: string): Word[] {
  return text.split(' ').map((word, index) => ({
    text: word,
    start: start + index * 300,
    end: start + index * 300 + 290,
    ...(speaker !== undefined && { speaker }),
  }));
}

function heard(list: readonly Word[], rest: Partial<Recognised> = {}): Omit<Recognised, 'scope'> {
  const text = list.map((word) => word.text).join(' ');
  const unknown = { utterances: [], language: undefined, requestId: undefined, raw: {} };
  const result = { type: 'transcript', text, words: list, durationMs: 60_000, ...unknown } as const;
  return { start: 0, muted: [], language: 'en', result, ...rest };
}

/** What the call is like with recordings, each of somebody or of everybody. */
function refined(
  records: readonly JournalRecord[],
  ...recordings: readonly (readonly [who: string, Omit<Recognised, 'scope'>])[]
) {
  const parts = placeParts([part('a', EPOCH, records)]);
  const first = mergeParts(parts);
  const recognised = recordings.map(([who, one]) => {
    const scope = who === '' ? everybody(first) : scopeOf(who, first);
    if (!scope) throw new Error(`nobody is ${who}`);
    return { ...one, scope };
  });
  const better = refine(parts, recognised);
  const journal = { ...part('b', EPOCH, []), records: better.records };
  return { ...better, transcript: mergeParts([journal]), first };
}

const lines = (...given: Parameters<typeof refined>) =>
  refined(...given).transcript.segments.map(({ speaker, text }) => `${speaker.label}: ${text}`);

describe('what was captioned stays', () => {
  const alice = segment('1', 'So the plan is good.', { start: 1000 });

  test.each([
    ['of those on no recording', segment('2', 'Old.', { ...BOB, start: 5000 }), 'Bob: Old.'],
    [
      'in another language',
      { ...segment('2', 'Alors.', { start: 5000 }), language: 'fr' },
      'Alice: Alors.',
    ],
    [
      'with something redacted',
      segment('2', 'I am [FIRSTNAME_1].', { start: 5000 }),
      'Alice: I am [FIRSTNAME_1].',
    ],
    [
      'where the recording does not reach',
      segment('2', 'Late.', { start: 59_500 }),
      'Alice: Late.',
    ],
    [
      "of somebody's screen",
      segment('2', 'A film.', {
        start: 5000,
        track: { sid: 'TR_3', source: 'screen_share_audio' },
      }),
      'Alice: A film.',
    ],
  ])('%s', (_, other, line) => {
    const recording = heard([
      ...words(1000, 'So the plane is good.'),
      ...words(other.track.sid === 'TR_1' ? other.start + 100 : 30_000, 'Something else.'),
    ]);
    const result = lines([alice, other], ['alice', recording]);
    expect(result).toContain('Alice: So the plane is good.');
    expect(result).toContain(line);
    if (other.track.sid === 'TR_1') expect(result).toHaveLength(2);
  });

  test('where nothing may be heard', () => {
    const recording = heard(words(1000, 'So the plane is good.'), {
      muted: [{ start: 1900, end: 4000 }],
    });
    expect(lines([alice], ['alice', recording])).toEqual(['Alice: So the plan is good.']);
  });

  test('without an end where the first has none, and with one where it has', () => {
    const recording = heard(words(1000, 'So.'));
    const complete = (records: JournalRecord[]) =>
      refined(records, ['alice', recording]).transcript.parts[0]?.complete;
    expect(complete([alice])).toBe(false);
    expect(complete([alice, closed(9000)])).toBe(true);
  });

  test('also what people chose, and who came when', () => {
    const records = [
      event('joined', 'alice', 10, 'Alice'),
      event('joined', 'carol', 20, 'Carol'),
      event('opted_out', 'carol', 20, 'Carol'),
      alice,
      event('opted_out', 'alice', 7000, 'Alice'),
      event('left', 'alice', 8000, 'Alice'),
      closed(9000),
    ];
    const {
      transcript,
      first,
      records: written,
    } = refined(records, ['alice', heard(words(1000, 'So the plane is good.'))]);
    expect(transcript.people).toEqual(first.people);
    expect(JSON.stringify(written)).not.toContain('carol');
  });
});

describe('a recording of everybody', () => {
  test('knows a voice again when nobody was captioned, and numbers the others', () => {
    const records = [
      segment('1', 'So the plan is good.', { start: 1000 }),
      segment('2', 'I do not think so.', { ...BOB, start: 5000 }),
    ];
    const recording = heard([
      ...words(1000, 'So the plan is good.', '0'),
      ...words(5000, 'I do not think so.', '1'),
      ...words(15_000, 'Nobody heard this.', '1'),
      ...words(20_000, 'Who am I?', '2'),
    ]);
    expect(lines(records, ['', recording])).toEqual([
      'Alice: So the plan is good.',
      'Bob: I do not think so.',
      'Bob: Nobody heard this.',
      'Speaker 2: Who am I?',
    ]);
  });

  test('takes the voice for surer than who speaks next', () => {
    const records = [
      segment('1', 'So the plan is', { start: 1000 }),
      segment('2', 'I do not think so.', { ...BOB, start: 2600 }),
    ];
    const recording = heard([
      ...words(700, 'So the plan is good.', '0'),
      ...words(2600, 'I do not think so.', '1'),
    ]);
    expect(lines(records, ['', recording])[0]).toBe('Alice: So the plan is good.');
  });

  test('gives each their words where two talk at once', () => {
    const records = [
      {
        ...segment('1', 'so the plan is very good', { start: 1000 }),
        end: 3000,
        words: words(1000, 'so the plan is very good'),
      },
      {
        ...segment('2', 'yes it is', { ...BOB, start: 1900 }),
        end: 3000,
        words: words(1950, 'yes it is'),
      },
    ];
    const recording = heard(
      [...words(1000, 'So the plan is very good.'), ...words(1950, 'Yes it is.')].sort(
        (one, other) => one.start - other.start,
      ),
    );
    expect(lines(records, ['', recording])).toEqual([
      'Alice: So the plan is very good.',
      'Bob: Yes it is.',
    ]);
  });
});

test('two recordings of one person at the same time say a thing once', () => {
  const records = [segment('1', 'old', { start: 1000 }), segment('2', 'old', { start: 70_000 })];
  const first = heard(words(1000, 'Once.'));
  const second = heard([...words(0, 'Twice.'), ...words(69_000, 'Later.')], { start: 1000 });
  const long = { ...second, result: { ...second.result, durationMs: 90_000 } };
  expect(lines(records, ['alice', first], ['alice', long])).toEqual([
    'Alice: Once.',
    'Alice: Later.',
  ]);
});

test('whatever is recognised, each word is there once, in segments whose times hold their words', () => {
  const saying = fc.record({
    start: fc.integer({ min: 0, max: 50_000 }),
    text: fc.array(fc.constantFrom('yes.', 'no', 'so,', 'what?', 'ten'), {
      minLength: 1,
      maxLength: 60,
    }),
  });
  fc.assert(
    fc.property(fc.array(saying, { maxLength: 12 }), fc.boolean(), (sayings, mixed) => {
      const all = sayings.flatMap(({ start, text }) => words(start, text.join(' ')));
      const live = [
        segment('1', 'old', { start: 1000 }),
        segment('2', 'old', { ...BOB, start: 9000 }),
      ];
      const { transcript } = refined(live, [
        mixed ? '' : 'alice',
        heard(all, { result: { ...heard(all).result, durationMs: 90_000 } }),
      ]);
      const fresh = transcript.segments.filter(({ text }) => text !== 'old');
      const times = fresh
        .flatMap((one) => one.words ?? [])
        .map(({ start, text }) => `${start} ${text}`);
      expect(times.sort()).toEqual(all.map(({ start, text }) => `${start} ${text}`).sort());
      for (const { start, end, words: own = [] } of fresh) {
        expect(start).toBe(Math.min(...own.map((word) => word.start)));
        expect(end).toBe(Math.max(...own.map((word) => word.end)));
      }
    }),
  );
});

test('nothing is heard while somebody who is there is not to be, nor while captions are off', () => {
  const state = (at: number, name: string) =>
    ({ v: 1, type: 'state', at, state: name, reason: '' }) as const;
  const { of, anybody } = unheardIn(
    placeParts([
      part('a', EPOCH, [
        event('joined', 'bob', 0),
        event('opted_out', 'bob', 10_000),
        event('left', 'bob', 20_000),
        event('joined', 'bob', 40_000),
        state(60_000, 'paused'),
        event('left', 'bob', 50_000),
      ]),
      part('b', EPOCH + 100_000, [
        state(5000, 'live'),
        event('opted_in', 'bob', 10_000),
        closed(20_000),
      ]),
    ]),
  );
  expect(of('bob')).toEqual([{ start: 9000, end: 111_000 }]);
  expect(of('alice')).toEqual([{ start: 59_000, end: 106_000 }]);
  expect(anybody).toEqual([
    { start: 9000, end: 21_000 },
    { start: 39_000, end: 51_000 },
    { start: 59_000, end: 106_000 },
  ]);
});

test('spans are united and shared as sets of moments are', () => {
  const span = fc.tuple(fc.integer({ min: -5, max: 30 }), fc.integer({ min: -5, max: 30 }));
  const spans = fc.array(
    span.map(([start, end]) => ({ start, end })),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(spans, spans, (some, others) => {
      const [one, other, both] = [united(some), united(others), shared(some, others)];
      for (let at = -6; at < 31; at += 1) {
        const moment = { start: at, end: at + 1 };
        const real = (list: typeof some) => list.some(({ start, end }) => start <= at && end > at);
        expect(touchesAny(one, moment)).toBe(real(some));
        expect(touchesAny(both, moment)).toBe(real(some) && real(others));
        expect(touchesAny(other, moment)).toBe(real(others));
      }
    }),
  );
});

test('a WAV file is silent where it is muted, and the same elsewhere', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'muted-'));
  try {
    const path = join(directory, 'a.wav');
    const file = writeWav({ sampleRate: 8000, samples: new Int16Array(80_000).fill(7) });
    await writeFile(path, file);
    const muted = await mutedWav(path, [
      { start: -Infinity, end: 10 },
      { start: 4000, end: 5000.01 },
      { start: 9999, end: Infinity },
    ]);
    expect(muted?.size).toBe(file.length);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const bytes = muted && (await buffer(muted.open()));
      const loud = (ms: number) => bytes?.readInt16LE(44 + ms * 16);
      expect(bytes?.subarray(0, 44)).toEqual(file.subarray(0, 44));
      expect([0, 9, 10, 3999, 4000, 4999, 5000, 5001, 9998, 9999].map(loud)).toEqual([
        0, 0, 7, 7, 0, 0, 0, 7, 7, 0,
      ]);
    }
    await writeFile(path, 'OggS');
    expect(await mutedWav(path, [])).toBeUndefined();
  } finally {
    await rm(directory, { recursive: true });
  }
});
