import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignedPrefix } from '../../src/captions/aligned-prefix.js';
import { Agreement } from '../../src/devkit/pulse-server/moonshine/agreement.js';
import type { Engine } from '../../src/devkit/pulse-server/moonshine/engine.js';
import { Scheduler } from '../../src/devkit/pulse-server/moonshine/scheduler.js';
import { MoonshineSession } from '../../src/devkit/pulse-server/moonshine/session.js';
import { SpeechGate } from '../../src/devkit/pulse-server/moonshine/speech-gate.js';
import { TOKEN_COUNT, tokensFile } from '../../src/devkit/pulse-server/moonshine/tokens.js';
import { spreadWords } from '../../src/devkit/pulse-server/moonshine/word-times.js';
import type { SessionOptions } from '../../src/devkit/pulse-server/index.js';
import { scriptedWords } from '../../src/devkit/pulse-server/index.js';

test('the tokens file has a line for every id, or is none', () => {
  const vocabulary = Array.from({ length: 32_000 }, (_, id) => `piece${id}`);
  const lines = tokensFile(vocabulary).trimEnd().split('\n');
  expect(lines).toHaveLength(TOKEN_COUNT);
  expect(lines.map((line) => Number(line.split(' ')[1]))).toEqual([...lines.keys()]);
  expect(Buffer.from(lines[7]?.split(' ')[0] ?? '', 'base64').toString()).toBe('piece7');
  expect(new Set(lines).size).toBe(TOKEN_COUNT);
  expect(() => tokensFile(vocabulary.slice(1))).toThrow();
  expect(() => tokensFile([...vocabulary.slice(1), ''])).toThrow();
});

test('the gate opens on a voice that lasts and closes on a silence that does', () => {
  const gate = new SpeechGate(200);
  const events = [
    ...[0.9, 0.1, 0.9, 0.9, 0.9, 0.4, 0.2, 0.2, 0.4, 0.2],
    ...Array<number>(7).fill(0.1),
  ].map((probability) => gate.push(probability, 512));
  expect(events.map((event) => event?.type)).toEqual([
    ...[undefined, undefined, undefined, undefined, 'speech'],
    ...Array<undefined>(10).fill(undefined),
    ...['silence', undefined],
  ]);
  expect(events[4]?.at).toBe(2 * 512);
  expect(events[15]?.at).toBe(9 * 512);
});

test('words are spread over the voice in proportion to their letters, and not over pauses', () => {
  const words = spreadWords('Go, ahead now', [
    { from: 16_000, to: 32_000 },
    { from: 48_000, to: 52_000 },
  ]);
  expect(words.map(({ text, start, end }) => [text, start, end])).toEqual([
    ['Go,', 1, 1.25],
    ['ahead', 1.25, 1.875],
    ['now', 1.875, 3.25],
  ]);
  expect(spreadWords('', [])).toEqual([]);
});

test('a reading is aligned to what is settled by the fewest edits', () => {
  const align = (settled: string, reading: string) =>
    alignedPrefix(settled.split(' '), reading.split(' '));
  expect(align('he was not', 'he was not in the park')).toBe(3);
  expect(align('he was not an', 'he was not in the park')).toBe(4);
  expect(align('he has a', 'he was not a man')).toBe(4);
  expect(align("i'll lest to be", 'unless to be rather')).toBe(3);
  expect(align('so it is', 'so it is')).toBe(3);
});

test('what two readings agree on and is old enough is settled once, and the rest comes at the end', () => {
  const agreement = new Agreement();
  const text = (words: readonly { text: string }[]) => words.map((word) => word.text).join(' ');
  const read = (words: string, until: number) => {
    const { settled, open } = agreement.read(scriptedWords(words), until);
    return [text(settled), text(open)];
  };
  expect(read('one two free', 2)).toEqual(['', 'one two free']);
  expect(read('One two three, four', 3)).toEqual(['', 'One two three, four']);
  expect(read('one two three four five six', 4)).toEqual(['one two three four', 'five six']);
  expect(read('one two three four five six seven', 5)).toEqual(['', 'five six seven']);
  expect(text(agreement.finish(scriptedWords('one two, three four five six seven.')))).toBe(
    'five six seven.',
  );
});

test('as long as the readings only grow, nothing is lost or doubled', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(30)),
      (said, reached) => {
        const agreement = new Agreement();
        const words = scriptedWords(said.join(' '));
        const heard: string[] = [];
        for (const length of [...reached].sort((a, b) => a - b)) {
          const { settled } = agreement.read(words.slice(0, length), length);
          heard.push(...settled.map((word) => word.text));
        }
        heard.push(...agreement.finish(words).map((word) => word.text));
        expect(heard).toEqual(said);
      },
    ),
  );
});

test('the scheduler runs so many at once, finals before interims, and survives failures', async () => {
  const scheduler = new Scheduler(2);
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const job = (name: string) => async () => {
    order.push(name);
    running += 1;
    most = Math.max(most, running);
    await setImmediate();
    running -= 1;
    if (name === 'broken') throw new Error(name);
  };
  await Promise.all([
    scheduler.interim(job('i1')),
    scheduler.interim(job('i2')),
    scheduler.interim(job('i3')),
    expect(scheduler.final(job('broken'))).rejects.toThrow('broken'),
    scheduler.final(job('f2')),
    scheduler.interim(job('i4')),
  ]);
  expect(order).toEqual(['i1', 'i2', 'broken', 'f2', 'i3', 'i4']);
  expect(most).toBe(2);
});

/**
 * An engine that hears one word a second of voice, named after the second of the stream it lies in: sample values are
 * the seconds' numbers, and 0 is silence.
 */
function countingEngine(options: { fails?: boolean } = {}): Engine & { decoded: number[] } {
  const decoded: number[] = [];
  return {
    scheduler: new Scheduler(2),
    vadWindow: 512,
    decoded,
    createVad: () => ({
      predict: (window) => Promise.resolve(window.some((sample) => sample > 0) ? 1 : 0),
    }),
    decode: async (sound) => {
      decoded.push(sound.length / 16_000);
      await setImmediate();
      if (options.fails) throw new Error('the model is broken');
      const seconds = new Set([...sound].map((sample) => Math.round(sample * 32_768)));
      return [...seconds]
        .filter((second) => second > 0)
        .map((second) => `s${second}`)
        .join(' ');
    },
  };
}

/** Seconds with a voice, or without one for 0. */
function sound(...seconds: number[]): Int16Array {
  return Int16Array.from({ length: 16_000 * seconds.length }, (_, index) => {
    return seconds[Math.floor(index / 16_000)] ?? 0;
  });
}

function pieces(samples: Int16Array): Int16Array[] {
  const count = Math.ceil(samples.length / 4000);
  return Array.from({ length: count }, (_, index) =>
    samples.slice(4000 * index, 4000 * (index + 1)),
  );
}

async function listen(
  seconds: number[],
  options: Partial<SessionOptions> = {},
  engine = countingEngine(),
) {
  const log: string[] = [];
  const text = (words: readonly { text: string }[]) => words.map((word) => word.text).join(' ');
  const session = new MoonshineSession(
    engine,
    { silenceMs: 300, finalizeOnWords: false, interims: false, ...options },
    {
      speechStarted: (at) => log.push(`started ${Math.round(at)}`),
      silence: (at) => log.push(`silence ${Math.round(at)}`),
      speechEnded: (at) => log.push(`ended ${Math.round(at)}`),
      interim: (words) => log.push(`interim ${text(words)}`),
      final: (words, ends) => log.push(`final ${text(words)}${ends ? ' |' : ''}`),
      failed: (error) => log.push(`failed ${String(error)}`),
    },
    () => log.push('closed'),
  );
  for (const piece of pieces(sound(...seconds))) {
    await session.push(piece);
    // Real sound leaves time for an answer in between.
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
  }
  const rest = text(await session.flush());
  return { log, rest, session, engine };
}

test('utterances come in order with their events, and the rest with the flush', async () => {
  const { log, rest } = await listen([0, 2, 3, 0, 0, 6, 0, 8]);
  expect(log).toEqual([
    'started 1',
    'silence 3',
    'final s2 s3 |',
    'ended 3',
    'started 5',
    'silence 6',
    'final s6 |',
    'ended 6',
    'started 7',
  ]);
  expect(rest).toBe('s8');
});

test('the order holds when sound arrives faster than it is decoded', async () => {
  const { session, log } = await listen([]);
  void session.push(sound(0, 2, 0, 4, 0));
  await session.flush();
  expect(log).toEqual([
    ...['started 1', 'silence 2', 'final s2 |', 'ended 2'],
    ...['started 3', 'silence 4', 'final s4 |', 'ended 4'],
  ]);
});

test('a long utterance is cut under 12 s, without losing or doubling a second', async () => {
  const seconds = Array.from({ length: 60 }, (_, index) => index + 1);
  const { log, rest, engine } = await listen(seconds);
  const heard = [...log.filter((line) => line.startsWith('final')), rest].join(' ');
  const words = heard.match(/s\d+/g) ?? [];
  // A second that a cut goes through is heard on both sides of it.
  expect([...new Set(words)]).toEqual(seconds.map((second) => `s${second}`));
  expect(words.length - seconds.length).toBeLessThanOrEqual(engine.decoded.length);
  expect(Math.max(...engine.decoded)).toBeLessThanOrEqual(12.1);
});

test('interims are never older than the final before them, and one at a time', async () => {
  const { log } = await listen([1, 2, 3, 0, 5, 6, 0], { interims: true });
  const firstFinal = log.findIndex((line) => line.startsWith('final s1'));
  const before = log.slice(0, firstFinal).filter((line) => line.startsWith('interim'));
  expect(before.length).toBeGreaterThan(0);
  for (const line of before) expect(line).toMatch(/^interim s1( s2( s3)?)?$/);
  for (const line of log.slice(firstFinal)) expect(line).not.toMatch(/interim.*s[123]/);
});

test('with finals every few words each word is in exactly one final', async () => {
  const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0];
  const { log, rest } = await listen(seconds, { interims: true, finalizeOnWords: true });
  const finals = log.filter((line) => line.startsWith('final'));
  expect(finals.length).toBeGreaterThan(1);
  const words = [...finals, rest].join(' ').match(/s\d+/g);
  expect(words).toEqual(['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10']);
});

test('more sound than it can carry is held back', async () => {
  const { session } = await listen([]);
  const waits = Array.from({ length: 20 }, () => session.push(sound(1)));
  expect(waits.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
  expect(waits.at(-1)).toBeInstanceOf(Promise);
  await waits.at(-1);
});

test('a model that fails ends the session, and nobody waits for ever', async () => {
  const { log, rest } = await listen([1, 0, 0], {}, countingEngine({ fails: true }));
  expect(log).toContain('failed Error: the model is broken');
  expect(log.at(-1)).toBe('closed');
  expect(rest).toBe('');
});

test('close drops everything, at once and twice', async () => {
  const { session, log } = await listen([1]);
  const wait = Array.from({ length: 20 }, () => session.push(sound(2))).at(-1);
  const flushed = session.flush();
  session.close();
  session.close();
  await wait;
  expect(await flushed).toEqual([]);
  expect(log.filter((line) => line === 'closed')).toHaveLength(1);
});
