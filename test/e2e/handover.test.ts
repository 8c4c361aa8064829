import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { alphabetWords, PERFECT, tally } from '../support/alphabet.js';
import { finalText } from '../support/listener.js';
import { type Scene, startScene } from '../support/scene.js';

const PATIENCE = { timeout: 40_000, interval: 50 };
const RATE = 16_000;

let scene: Scene;
beforeAll(async () => {
  scene = await startScene(createExactRecogniser());
});
afterAll(() => scene.close());

test('a worker that is told to stop in mid-speech hands its rooms over: no word is lost, none comes twice', async () => {
  const first = await scene.startWorker({ DRAIN_SECONDS: '0' });
  const listener = await scene.listen('rolling');
  await expect.poll(() => listener.state, PATIENCE).toBe('live');
  const [before] = listener.captioners;
  const second = await scene.startWorker();
  const speakers = await Promise.all(
    ['alice', 'bob'].map((identity) => scene.join('rolling', identity)),
  );
  await expect.poll(() => scene.pulse.stats.current, PATIENCE).toBe(2);
  await expect.poll(() => scene.pulse.stats.audioMs, PATIENCE).toBeGreaterThan(1000);

  const said = speakers.map((_, number) =>
    Array.from({ length: 60 }, (_, index) => (index * 37 + number * 101 + 5) % 441),
  );
  const speaking = speakers.map(async (speaker, number) => {
    const indices = said[number] ?? [];
    for (let at = 0; at < indices.length; at += 12) {
      const words = indices.slice(at, at + 12);
      await speaker.speak(
        encodeWords(words, { sampleRate: RATE, wordMs: 320, marginMs: 250 }),
        RATE,
      );
    }
  });
  await expect
    .poll(() => finalText(listener.data, 'alice').split(' ').length, PATIENCE)
    .toBeGreaterThan(8);
  first.signal('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  await expect.poll(() => listener.captioners.length, PATIENCE).toBe(1);
  expect(listener.captioners[0]?.identity).not.toBe(before?.identity);
  await Promise.all(speaking);
  for (const speaker of speakers) await speaker.leave();

  for (const [number, identity] of ['alice', 'bob'].entries()) {
    const words = alphabetWords(said[number] ?? []);
    for (const output of ['data', 'streams'] as const) {
      await expect
        .poll(() => tally(words, finalText(listener[output], identity)), PATIENCE)
        .toEqual(PERFECT);
    }
  }
  const late = await scene.listen('rolling', 'late');
  for (const identity of ['alice', 'bob']) {
    await expect
      .poll(() => finalText(late.streams, identity), PATIENCE)
      .toBe(finalText(listener.streams, identity));
  }
  const problems = [...first.log, ...second.log].filter(({ level }) => level >= 40);
  expect(problems).toEqual([]);
});
