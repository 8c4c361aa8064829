import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinFromBrowser } from '../support/browser-listener.js';
import { withBrowser } from '../support/chromium.js';
import { finalText } from '../support/listener.js';
import { recordings } from '../support/recordings.js';
import { type Scene, startScene } from '../support/scene.js';
import { wordErrorRate } from '../support/wer.js';

const PATIENCE = { timeout: 30_000, interval: 200 };
const TOLERANCE = 0.15;

let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
  await scene.startWorker();
});
afterAll(() => scene.close());

test('a browser gets what two people say at once, by each of the three outputs', async (context) => {
  const [van, cake] = await recordings('tom-3', 'maya-1');
  if (!van || !cake) throw new Error('recordings are missing');
  await withBrowser(context, async (browser) => {
    const token = await scene.livekit.token('meeting', 'reader');
    const heard = await joinFromBrowser(browser, scene.livekit.url, token);
    const alice = await scene.join('meeting', 'alice');
    const bob = await scene.join('meeting', 'bob');
    await expect.poll(() => scene.pulse.stats.current, PATIENCE).toBe(2);
    const tracks = new Map([
      ['alice', alice.trackSid],
      ['bob', bob.trackSid],
    ]);
    await Promise.all([
      alice.speak(van.samples, van.sampleRate).then(() => alice.hangUp()),
      bob.speak(cake.samples, cake.sampleRate),
    ]);

    for (const output of ['streams', 'data'] as const) {
      for (const [identity, { text }] of [
        ['alice', van],
        ['bob', cake],
      ] as const) {
        await expect
          .poll(async () => wordErrorRate(text, finalText((await heard())[output], identity)), {
            ...PATIENCE,
            message: `word errors of ${identity} in ${output}`,
          })
          .toBeLessThanOrEqual(TOLERANCE);
      }
    }
    const { streams, data, events } = await heard();
    for (const { identity, track } of [...streams, ...data]) {
      expect(track).toBe(tracks.get(identity));
    }

    // The event does not say who spoke once they have left: the segment's id does.
    const speakers = new Map(data.map(({ id, identity }) => [id, identity]));
    for (const event of events) {
      expect(['', speakers.get(event.id)]).toContain(event.identity);
      expect(event.language).toBe('en');
    }
    const named = events.map((event) => ({ ...event, identity: speakers.get(event.id) ?? '' }));
    expect(wordErrorRate(van.text, finalText(named, 'alice'))).toBeLessThanOrEqual(TOLERANCE);
    expect(wordErrorRate(cake.text, finalText(named, 'bob'))).toBeLessThanOrEqual(TOLERANCE);
    const ends = new Map(data.map(({ id, start }) => [id, start]));
    for (const { id, start, final } of events) if (final) expect(start).toBe(ends.get(id));
    await bob.leave();
  });
});
