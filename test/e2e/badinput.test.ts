import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordings } from '../support/recordings.js';
import { type Scene, startScene } from '../support/scene.js';
import { startTestWorker } from '../support/worker.js';

const PATIENCE = { timeout: 30_000, interval: 100 };

let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.close());

test.each([
  ['npm start', ['main.js']],
  ['captions start', ['cli/captions.js', 'start']],
])(
  '%s lists everything that is wrong with the configuration and ends with 2',
  async (_name, command) => {
    const env = {
      LIVEKIT_URL: 'not an address',
      LIVEKIT_API_SECRET: 'a secret of the test',
      HEALTH_PORT: 'http',
      CAPTIONS_OUTPUTS: 'streams,smoke-signals',
      PULSE_LANGUAGE: 'klingon',
    };
    const worker = await startTestWorker({ env, command });
    expect(await worker.exited).toEqual({ code: 2, signal: null });
    const message = worker.printed.join('\n');
    const wrong = [...Object.keys(env), 'LIVEKIT_API_KEY', 'SMALLEST_API_KEY'];
    for (const variable of wrong) expect(message).toContain(`  ${variable}: `);
    expect(message).not.toContain('a secret of the test');
    expect(worker.log).toEqual([]);
    await worker.close();
  },
);

test('a key that Pulse refuses is said once, to the room and in the log, and the worker stays', async () => {
  const [bye, cake] = await recordings('tom-4', 'ewan-3');
  if (!bye || !cake) throw new Error('recordings are missing');
  const worker = await scene.startWorker({ SMALLEST_API_KEY: 'wrong-key' });
  const listener = await scene.listen('refused');
  await expect.poll(() => listener.state, PATIENCE).toBe('live');
  // Who speaks before Pulse has answered loses words, which is said too.
  const refusals = () => scene.pulse.stats.refused;
  const alice = await scene.join('refused', 'alice');
  await expect.poll(refusals, PATIENCE).toBeGreaterThanOrEqual(1);
  await alice.speak(bye.samples, bye.sampleRate);
  await expect.poll(() => listener.state, PATIENCE).toBe('failed');
  expect(listener.captioners[0]?.attributes['captions.reason']).toContain('key');

  const bob = await scene.join('refused', 'bob');
  await expect.poll(refusals, PATIENCE).toBeGreaterThanOrEqual(2);
  await Promise.all([
    alice.speak(cake.samples, cake.sampleRate),
    bob.speak(cake.samples, cake.sampleRate),
  ]);
  await alice.hangUp();
  expect(listener.state).toBe('failed');
  const complaints = worker.log.filter(({ level }) => level >= 40);
  expect(complaints).toMatchObject([{ code: 'unauthorized', state: 'failed' }]);
  expect(complaints[0]?.msg).toContain('SMALLEST_API_KEY');
  expect(JSON.stringify(worker.log)).not.toContain('wrong-key');

  const next = await scene.listen('another-room');
  await expect.poll(() => next.state, PATIENCE).toBe('live');
  for (const person of [bob, listener, next])
    await ('leave' in person ? person.leave() : person.close());
});
