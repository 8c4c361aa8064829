import { type ExpectStatic, expect as expectOfTheOne } from 'vitest';
import { encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import type { PulseServer } from '../../src/devkit/pulse-server/index.js';
import { joinSpeaker } from '../../src/devkit/speaker.js';
import { alphabetWords, PERFECT, tally } from './alphabet.js';
import { finalText, type Listener } from './listener.js';
import type { TestLiveKit } from './livekit.js';

const RATE = 16_000;
const INDICES = [5, 42, 79, 116, 153];
const HEARD_MS = 300;
const PATIENCE = { timeout: 40_000, interval: 100 };

/**
 * Says some words of the sound alphabet as somebody new, and waits until exactly they are captioned.
 *
 * @param expect of the test, where several run at a time
 */
export async function expectWords(
  livekit: Pick<TestLiveKit, 'url' | 'apiKey' | 'apiSecret'>,
  pulse: PulseServer,
  room: string,
  listener: Listener,
  identity: string,
  expect: ExpectStatic = expectOfTheOne,
): Promise<void> {
  const { url, apiKey, apiSecret } = livekit;
  const before = pulse.stats.audioMs;
  const speaker = await joinSpeaker({ url, apiKey, apiSecret, room, identity });
  // A stream is open before the first sound comes from LiveKit: what is said between the two nobody hears.
  await expect.poll(() => pulse.stats.audioMs, PATIENCE).toBeGreaterThan(before + HEARD_MS);
  const options = { sampleRate: RATE, wordMs: 320, marginMs: 400 };
  await speaker.speak(encodeWords(INDICES, options), RATE);
  await expect
    .poll(() => tally(alphabetWords(INDICES), finalText(listener.data, identity)), PATIENCE)
    .toEqual(PERFECT);
  await speaker.leave();
}
