import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { backoffMs } from '../../src/pulse/backoff.js';
import {
  errorFromClose,
  errorFromNetwork,
  errorFromStatus,
  parseRetryAfter,
} from '../../src/pulse/errors.js';
import type { Word } from '../../src/pulse/events.js';
import { encodeAlaw, encodeMulaw } from '../../src/pulse/g711.js';
import { Overlap } from '../../src/pulse/overlap.js';
import { Timeline } from '../../src/pulse/timeline.js';
import { Turns, type HeardTranscript } from '../../src/pulse/turns.js';
import { NAME, VERSION } from '../../src/version.js';

describe('errors', () => {
  test.each([
    [errorFromStatus(400, 'bad eou'), 'bad_options', false],
    [errorFromStatus(401, ''), 'unauthorized', false],
    [errorFromStatus(403, ''), 'forbidden', false],
    [errorFromStatus(413, ''), 'too_large', false],
    [errorFromStatus(429, ''), 'rate_limited', true],
    [errorFromStatus(500, ''), 'unavailable', true],
    [errorFromStatus(504, ''), 'unavailable', true],
    [errorFromStatus(302, ''), 'protocol', false],
    [errorFromStatus(400, 'LANGUAGE_NOT_ENABLED_IN_REGION'), 'language_region', false],
    [errorFromClose(1008, 'too many'), 'no_stream', true],
    [errorFromClose(1006, ''), 'dropped', true],
    [errorFromClose(1011, 'LANGUAGE_NOT_ENABLED_IN_REGION: ta'), 'language_region', false],
    [
      errorFromNetwork(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })),
      'unavailable',
      true,
    ],
  ])('%s is %s', (error, code, retryable) => {
    expect(error.code).toBe(code);
    expect(error.retryable).toBe(retryable);
    expect(error.message).toMatch(/:|later|again/);
  });

  test("the vendor's long answer is shortened", () => {
    expect(errorFromStatus(500, 'x'.repeat(10_000)).message.length).toBeLessThan(400);
  });

  test.each([
    ['3', 3000],
    ['0.5', 500],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 4000],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After %s is %s ms', (header, expected) => {
    expect(parseRetryAfter(header, 6000)).toBe(expected);
  });
});

describe('backoff', () => {
  const dropped = errorFromClose(1006, '');
  const limited = errorFromStatus(429, '');
  test.each([
    ['the first try comes soon', 1, dropped, 1, 100],
    ['then half a second', 2, dropped, 1, 500],
    ['doubling', 4, dropped, 1, 2000],
    ['half of it jitter', 4, dropped, 0, 1000],
    ['up to 10 s', 40, dropped, 1, 10_000],
    ['a rate limit begins at 500 ms', 1, limited, 1, 500],
    ['and goes to 30 s', 40, limited, 1, 30_000],
    ['the server knows better', 9, errorFromStatus(429, '', { retryAfterMs: 7000 }), 0, 7000],
  ] as const)('%s', (_, failures, error, random, expected) => {
    expect(backoffMs(failures, error, random)).toBe(expected);
  });
});

describe('G.711', () => {
  // Values of the ITU's tables.
  test('mu-law', () => {
    const samples = Int16Array.of(0, -1, 132, 1000, -1000, 32767, -32768);
    expect([...encodeMulaw(samples)]).toEqual([0xff, 0x7f, 0xef, 0xce, 0x4e, 0x80, 0x00]);
  });
  test('A-law', () => {
    const samples = Int16Array.of(0, -1, 256, 1000, -1000, 32767, -32768);
    expect([...encodeAlaw(samples)]).toEqual([0xd5, 0x55, 0xc5, 0xfa, 0x7a, 0xaa, 0x2a]);
  });
});

describe('times of a connection on the clock of the owner', () => {
  test('count only what was sent', () => {
    const timeline = new Timeline();
    timeline.sent(5000, 1000);
    timeline.sent(6000, 500);
    timeline.sent(9000, 1000);
    expect([0, 999, 1400, 1500, 2000, 3000].map((ms) => timeline.toOwner(ms))).toEqual([
      5000, 5999, 6400, 9000, 9500, 10_500,
    ]);
    expect(timeline.end).toBe(10_000);
  });

  /** A second of audio at 5 s, then nothing for minutes, then a second more. */
  const broken = () => {
    const timeline = new Timeline();
    timeline.sent(5000, 1000);
    timeline.sent(305_000, 1000);
    return timeline;
  };

  test.each([
    ['before the break', 200, 600, 5200, 5600],
    ['up to the break', 600, 1000, 5600, 6000],
    ['from the break on', 1000, 1300, 305_000, 305_300],
    ['after the break', 1400, 1800, 305_400, 305_800],
    ['that begins too early to be after it', 900, 1300, 305_000, 305_300],
    ['that ends too late to be before it', 600, 1100, 5600, 6000],
    ['beyond what was sent', 1900, 2100, 305_900, 306_100],
  ])('a word %s is on one side of it', (_, start, end, from, to) => {
    expect(broken().wordToOwner({ start, end })).toEqual({ start: from, end: to });
  });

  test('what ends at a break does not last until the audio after it', () => {
    expect(broken().endToOwner(1000)).toBe(6000);
    expect(broken().endToOwner(1001)).toBe(305_001);
    expect(broken().toOwner(1000)).toBe(305_000);
  });

  test('the delay of a recogniser is counted in what it was sent', () => {
    expect(broken().beforeEnd(1100)).toBe(5900);
    expect(broken().beforeEnd(900)).toBe(305_100);
    expect(new Timeline().beforeEnd(100)).toBeUndefined();
  });

  test('words stay in order, and last no longer than they did, whatever was not sent', () => {
    const run = fc.record({ gap: fc.nat(100_000), ms: fc.integer({ min: 50, max: 2000 }) });
    const runs = fc.array(run, { minLength: 1, maxLength: 6 });
    const lengths = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 20 });
    fc.assert(
      fc.property(runs, lengths, (sent, words) => {
        const timeline = new Timeline();
        let at = 0;
        for (const { gap, ms } of sent) {
          at += gap;
          timeline.sent(at, ms);
          at += ms;
        }
        const total = sent.reduce((sum, { ms }) => sum + ms, 0);
        let start = 0;
        let last = 0;
        for (const length of words) {
          if (start + length > total) break;
          const heard = timeline.wordToOwner({ start, end: start + length });
          expect(heard.start).toBeGreaterThanOrEqual(last - 1);
          expect(heard.end - heard.start).toBeLessThanOrEqual(length + 2 * sent.length);
          last = heard.end;
          start += length;
        }
      }),
    );
  });
});

describe('what a replay says again', () => {
  const word = (text: string, start: number, end: number): Word => ({ text, start, end });
  const confirmed = [word('the', 1000, 1200), word('plan', 1250, 1600)];
  const strip = (words: Word[], text = words.map((entry) => entry.text).join(' ')): string =>
    new Overlap(confirmed).strip({ text, words }).text;

  test.each([
    ['the last word, at its time', [word('plan', 1240, 1610), word('is', 1700, 1800)], 'is'],
    ['late by its own length', [word('plan', 1500, 1950), word('is', 2000, 2100)], 'is'],
    [
      'early, so that the next seems said',
      [word('plan', 1000, 1300), word('is', 1350, 1500)],
      'is',
    ],
    [
      'heard otherwise, told by its time',
      [word('plane', 1250, 1600), word('is', 1700, 1800)],
      'is',
    ],
    ['nothing', [word('is', 1700, 1800)], 'is'],
    [
      'a word that is really said twice',
      [word('plan', 1250, 1600), word('plan', 1700, 2100)],
      'plan',
    ],
    ['only what was final', [word('plan', 1250, 1600)], ''],
  ])('%s', (_, words, expected) => {
    expect(strip(words)).toBe(expected);
  });

  test('what was repeated is told beside what is new', () => {
    const words = [word('plan', 1250, 1600), word('so', 1700, 1800)];
    const { words: rest, repeated } = new Overlap(confirmed).strip({ text: 'plan so', words });
    expect([repeated, rest]).toEqual([words.slice(0, 1), words.slice(1)]);
  });

  test('punctuation goes with the word it belongs to', () => {
    const words = [word('plan', 1250, 1600), word('so', 1700, 1800)];
    expect(strip(words, 'Plan, so')).toBe('so');
  });

  test('text without times is compared as text', () => {
    expect(new Overlap(confirmed).strip({ text: 'The plan is', words: [] }).text).toBe('is');
    expect(new Overlap(confirmed).strip({ text: 'is the plan', words: [] }).text).toBe(
      'is the plan',
    );
  });
});

describe('turns', () => {
  const heard = (
    text: string,
    isFinal: boolean,
    more: Partial<HeardTranscript> = {},
  ): HeardTranscript => ({
    text,
    isFinal,
    words: text === '' ? [] : [{ text, start: 100, end: 400, confidence: 0.5 }],
    utterances: [],
    endsTurn: false,
    language: undefined,
    languages: [],
    redactedEntities: [],
    heardUntil: 1000,
    ...more,
  });
  const types = (events: readonly { type: string }[]): string[] => events.map(({ type }) => type);
  const make = (finalsOnly = false, vadEvents = true): Turns =>
    new Turns({ vadEvents, finalsOnly });

  test('the end waits for the final of what is unsettled', () => {
    const turns = make();
    expect(types(turns.speechStarted(0, 0))).toEqual(['speech_started']);
    expect(types(turns.transcript(heard('so', false), 1))).toEqual(['interim']);
    expect(types(turns.speechEnded(500, 2))).toEqual([]);
    const last = turns.transcript(heard('so', true), 3);
    expect(last).toMatchObject([
      { type: 'final', text: 'so', endOfTurn: true, confidence: 0.5 },
      { type: 'speech_ended', at: 500 },
    ]);
  });

  test('a final every few words does not end a turn', () => {
    const turns = make();
    turns.speechStarted(0, 0);
    expect(turns.transcript(heard('so', true), 1)).toMatchObject([
      { type: 'final', endOfTurn: false },
    ]);
    expect(turns.transcript(heard('well', true, { endsTurn: true }), 2)).toMatchObject([
      { type: 'final', endOfTurn: true },
      { type: 'speech_ended' },
    ]);
    expect(turns.speechEnded(900, 3)).toEqual([]);
  });

  test('text that was never announced opens a turn, which closes when it has been quiet', () => {
    const turns = make();
    expect(types(turns.transcript(heard('so', true), 1000))).toEqual(['speech_started', 'final']);
    expect(turns.deadline).toBe(3000);
    expect(turns.tick(2999)).toEqual([]);
    expect(turns.tick(3000)).toEqual([{ type: 'speech_ended', at: 400 }]);
    expect(turns.deadline).toBeUndefined();
  });

  test('without VAD events each final is a turn', () => {
    expect(types(make(false, false).transcript(heard('so', true), 0))).toEqual([
      'speech_started',
      'final',
      'speech_ended',
    ]);
  });

  test('with redaction no interim gets out, and the turns are the same', () => {
    const turns = make(true);
    expect(types(turns.transcript(heard('call Ann', false), 0))).toEqual(['speech_started']);
    expect(types(turns.speechEnded(400, 1))).toEqual([]);
    expect(types(turns.transcript(heard('call [NAME_1]', true), 2))).toEqual([
      'final',
      'speech_ended',
    ]);
  });

  test.each([
    ['-huh.', true],
    ["'s", true],
    ["'cause we do", false],
    ['.', true],
    ['।', true],
    ['¿qué?', false],
    ['well', false],
  ])('after a final, %s continues it: %s', (text, continues) => {
    const turns = make();
    turns.transcript(heard('Uh', true), 0);
    expect(turns.transcript(heard(text, true), 1)).toMatchObject([{ continuesWord: continues }]);
  });

  test('an empty final clears what was unsettled', () => {
    const turns = make();
    turns.transcript(heard('uh', false), 0);
    expect(types(turns.transcript(heard('', true), 1))).toEqual(['interim']);
    expect(turns.unsettled).toBe(false);
  });
});

test('the version that goes into headers is the package', () => {
  const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(manifest).toMatchObject({ name: NAME, version: VERSION });
});
