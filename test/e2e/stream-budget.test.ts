import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { alphabetWords, PERFECT, tally } from '../support/alphabet.js';
import { finalText } from '../support/listener.js';
import { type Scene, startScene } from '../support/scene.js';

const RATE = 16_000;
const PATIENCE = { timeout: 40_000, interval: 100 };

let scene: Scene;
beforeAll(async () => {
  scene = await startScene(createExactRecogniser());
  // Each room has a process of its own, so that they share the stream through the supervisor.
  await scene.startWorker({ PULSE_MAX_STREAMS: '1', ROOMS_PER_PROCESS: '1' });
});
afterAll(() => scene.close());

test('two rooms share the only stream of the plan: one waits, is told so, and loses nothing', async () => {
  const speech = { sampleRate: RATE, wordMs: 320, marginMs: 300 };
  const [north, south] = await Promise.all(
    ['north', 'south'].map(async (room) => {
      const listener = await scene.listen(room);
      const speaker = await scene.join(room, `${room}-speaker`);
      await expect.poll(() => listener.state, PATIENCE).toBe('live');
      const said: string[] = [];
      const say = (words: readonly number[]) => {
        said.push(...alphabetWords(words));
        return speaker.speak(encodeWords(words, speech), RATE);
      };
      const heard = () => finalText(listener.data, speaker.identity);
      const outcome = () => tally(said, heard());
      return { listener, say, heard, outcome };
    }),
  );
  if (!north || !south) throw new Error('two rooms were to be joined');
  const long = north.say(Array.from({ length: 24 }, (_, index) => 200 + index));
  await expect.poll(north.heard, PATIENCE).not.toBe('');
  const short = south.say([7, 8, 9]);
  await expect.poll(() => south.listener.state, PATIENCE).toBe('degraded');
  const [captioner] = south.listener.captioners;
  expect(captioner?.attributes['captions.reason']).toMatch(/streams of the plan are in use/);
  await Promise.all([long, short]);
  await expect.poll(south.outcome, PATIENCE).toEqual(PERFECT);
  await expect.poll(north.outcome, PATIENCE).toEqual(PERFECT);
  await north.say([90, 91, 92]);
  await expect.poll(north.outcome, PATIENCE).toEqual(PERFECT);
  await expect.poll(() => south.listener.state, PATIENCE).toBe('live');
  expect(scene.pulse.stats.peak).toBe(1);
});
