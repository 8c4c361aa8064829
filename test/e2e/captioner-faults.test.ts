import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { joinSpeaker } from '../../src/devkit/speaker.js';
import { alphabetWords, PERFECT, tally } from '../support/alphabet.js';
import { taping, wordsOn } from '../support/tape.js';
import { joinCaptioner } from '../support/captioner.js';
import { finalText, Listener } from '../support/listener.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';
import { TROUBLES } from '../support/troubles.js';

/** From a microphone to a listener, through LiveKit, while Pulse has its troubles. */
const RATE = 16_000;
/** Long ones: LiveKit sends the beginning of speech at a low bit rate. */
const WORD_MS = 320;
const INDICES = Array.from({ length: 50 }, (_, index) => (index * 37 + 5) % 441);

let livekit: TestLiveKit;
beforeAll(async () => {
  livekit = await startTestLiveKit();
});
afterAll(() => livekit.close());

describe.concurrent('every word reaches a listener, once and in order', () => {
  const cases = Object.entries(TROUBLES).map(([name, trouble], index) => ({
    name,
    trouble,
    index,
  }));
  test.for(cases)('$name', { timeout: 180_000 }, async ({ trouble, index }, { expect }) => {
    const room = `trouble-${index}`;
    const pulse = await startPulseServer({ recogniser: createExactRecogniser(trouble.exact) });
    const tape: Int16Array[] = [];
    const captioner = await joinCaptioner(livekit, {
      room,
      pulseUrl: pulse.url,
      openStream: taping(tape),
    });
    const listener = await Listener.join(livekit.url, await livekit.token(room, 'listener'));
    const speaker = await joinSpeaker({ ...livekit, room, identity: 'alice' });
    try {
      // The captioner hears the microphone, which is silent yet.
      await expect.poll(() => pulse.stats.audioMs, { timeout: 20_000 }).toBeGreaterThan(300);
      const began = performance.now();
      const until = (ms: number): Promise<void> =>
        delay(Math.max(0, began + ms - performance.now()));
      const trial = trouble.happens?.(pulse, until);
      let said = 0;
      for (; said < INDICES.length; said += 10) {
        if (performance.now() - began > (trouble.endAt ?? Number.POSITIVE_INFINITY)) break;
        const words = INDICES.slice(said, said + 10);
        await speaker.speak(
          encodeWords(words, { sampleRate: RATE, wordMs: WORD_MS, marginMs: 250 }),
          RATE,
        );
        await delay(400);
      }
      await speaker.leave();
      await trial;
      const compare = async (heard: Listener['streams']) =>
        tally(await wordsOn(tape), finalText(heard, 'alice'));
      // What comes by either output is the same.
      for (const heard of [listener.streams, listener.data]) {
        await expect
          .poll(() => compare(heard), { timeout: 60_000, interval: 500 })
          .toEqual(PERFECT);
      }
      const spoken = alphabetWords(INDICES.slice(0, said));
      const { lost } = tally(spoken, finalText(listener.streams, 'alice'));
      expect(lost.length).toBeLessThanOrEqual(said / 10);
      const ids = new Set(listener.streams.map(({ id }) => id));
      // The finals of somebody who leaves are sent twice, by the same id.
      const finals = listener.streams.filter(({ final }) => final).map(({ id }) => id);
      expect(new Set(finals)).toEqual(ids);
    } finally {
      await speaker.hangUp();
      await captioner.end();
      await listener.close();
      await pulse.close();
    }
  });
});
