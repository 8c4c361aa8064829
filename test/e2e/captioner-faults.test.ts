import { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { joinSpeaker } from '../../src/devkit/speaker.js';
import { createLogger, loadConfig, RoomCaptioner } from '../../src/index.js';
import { PulseStream } from '../../src/pulse/stream.js';
import { alphabetWords, PERFECT, tally } from '../support/alphabet.js';
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

/**
 * The words in the audio that came out of LiveKit. On a busy machine it drops a packet now and then, which is not
 * what is tested here.
 */
async function wordsOn(tape: readonly Int16Array[]): Promise<string[]> {
  const words: string[] = [];
  const recogniser = createExactRecogniser();
  const session = recogniser.open(
    { silenceMs: 600, finalizeOnWords: false, interims: false },
    {
      speechStarted: () => undefined,
      silence: () => undefined,
      speechEnded: () => undefined,
      interim: () => undefined,
      final: (heard) => words.push(...heard.map(({ text }) => text)),
      failed: () => undefined,
    },
  );
  for (const samples of tape) await session.push(samples.slice());
  const rest = await session.flush(true);
  await recogniser.close();
  return [...words, ...rest.map(({ text }) => text)];
}

async function joinCaptioner(
  room: string,
  pulseUrl: string,
  tape: Int16Array[],
): Promise<{ end(): Promise<void> }> {
  const { url, apiKey, apiSecret } = livekit;
  const token = new AccessToken(apiKey, apiSecret, { identity: 'captions', name: 'Captions' });
  token.addGrant({ roomJoin: true, room, canUpdateOwnMetadata: true });
  token.kind = 'agent';
  const connection = new Room();
  await connection.connect(url, await token.toJwt(), { autoSubscribe: false, dynacast: false });
  const captioner = new RoomCaptioner({
    room: connection,
    config: loadConfig({
      LIVEKIT_URL: url,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
      SMALLEST_API_KEY: 'key',
      SMALLEST_BASE_URL: pulseUrl,
      TRANSCRIPT_DIR: '',
    }),
    logger: createLogger('silent'),
    openStream: ({ apiKey: key, baseUrl, recognition }, onEvent) => {
      const stream = new PulseStream({ apiKey: key, baseUrl, ...recognition }, { onEvent });
      return {
        push: (samples, at) => {
          tape.push(samples);
          stream.push(samples, at);
        },
        updateOptions: (changes) => stream.updateOptions(changes),
        end: () => stream.end(),
        close: () => stream.close(),
      };
    },
  });
  await captioner.start();
  return {
    async end() {
      await captioner.end();
      await connection.disconnect();
    },
  };
}

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
    const captioner = await joinCaptioner(room, pulse.url, tape);
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
      await expect
        .poll(() => compare(listener.streams), { timeout: 60_000, interval: 500 })
        .toEqual(PERFECT);
      // What came by the other output is the same.
      expect(await compare(listener.data)).toEqual(PERFECT);
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
