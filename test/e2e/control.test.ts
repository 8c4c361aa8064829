import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test as suiteTest } from 'vitest';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { joinSpeaker, type Speaker, type SpeakerOptions } from '../../src/devkit/speaker.js';
import type { BacklogPage } from '../../src/publish/backlog-pages.js';
import { PERFECT, tally } from '../support/alphabet.js';
import { joinFromBrowser } from '../support/browser-listener.js';
import { joinCaptioner, type TestCaptionerOptions } from '../support/captioner.js';
import { withBrowser } from '../support/chromium.js';
import { finalText, type Heard, Listener } from '../support/listener.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';
import { taping, wordsOn } from '../support/tape.js';

/** What people and apps decide about captions in mid-call, with a real LiveKit server. */
const RATE = 16_000;
const PATIENCE = { timeout: 20_000, interval: 50 };

let livekit: TestLiveKit;
beforeAll(async () => {
  livekit = await startTestLiveKit();
});
afterAll(() => livekit.close());

interface Call {
  readonly room: string;
  readonly pulse: PulseServer;
  readonly listener: Listener;
  /** The audio that the recogniser was given. */
  readonly tape: Int16Array[];
  speaker(identity: string, options?: Partial<SpeakerOptions>): Promise<Speaker>;
  late(identity: string): Promise<Listener>;
  readonly metadata: (captions: unknown) => Promise<void>;
}

let calls = 0;

/** A test with a room of its own, which has a captioner and somebody who reads. */
const test = suiteTest.extend<{
  captioner: Partial<TestCaptionerOptions>;
  sharedKey: string | undefined;
  call: Call;
}>({
  captioner: {},
  sharedKey: undefined,
  call: async ({ captioner, sharedKey }, use) => {
    const room = `control-${(calls += 1)}`;
    const pulse = await startPulseServer({
      recogniser: createExactRecogniser({ sentenceWords: 4 }),
    });
    const tape: Int16Array[] = [];
    const options = { room, pulseUrl: pulse.url, openStream: taping(tape), ...captioner };
    const running = await joinCaptioner(livekit, options);
    const leaving: (() => Promise<void>)[] = [];
    const late = async (identity: string): Promise<Listener> => {
      const token = await livekit.token(room, identity, { grant: { canUpdateOwnMetadata: true } });
      const listener = await Listener.join(livekit.url, token, {
        ...(sharedKey !== undefined && { sharedKey }),
        attributes: { here: 'now' },
      });
      leaving.push(() => listener.close());
      return listener;
    };
    await use({
      room,
      pulse,
      listener: await late('reader'),
      tape,
      late,
      speaker: async (identity, more) => {
        const key = sharedKey === undefined ? {} : { sharedKey };
        const speaker = await joinSpeaker({ ...livekit, room, identity, ...key, ...more });
        leaving.push(() => speaker.hangUp());
        return speaker;
      },
      metadata: async (captions) => {
        const text = typeof captions === 'string' ? captions : JSON.stringify({ captions });
        await livekit.rooms.updateRoomMetadata(room, text);
      },
    });
    await Promise.all(leaving.map((leave) => leave()));
    await running.end();
    await pulse.close();
  },
});

/** Says words of the sound alphabet, beginning with the one of this index. */
function say(speaker: Speaker, from: number, count: number): Promise<void> {
  const indices = Array.from({ length: count }, (_, index) => ((from + index) * 37 + 5) % 441);
  return speaker.speak(
    encodeWords(indices, { sampleRate: RATE, wordMs: 320, marginMs: 250 }),
    RATE,
  );
}

const asked = (pulse: PulseServer, name: string): (string | null)[] =>
  pulse.stats.streams.map(({ url }) => new URL(url, 'http://pulse').searchParams.get(name));

/** The last state of each segment, in the order in which they were first seen. */
const lastStates = (heard: readonly Heard[]): Heard[] => [
  ...new Map(heard.map((state) => [state.id, state])).values(),
];

describe.concurrent('in mid-call', () => {
  test('a person changes their language, and no word is lost', async ({ call, expect }) => {
    const { pulse, listener, tape } = call;
    const alice = await call.speaker('alice');
    await expect.poll(() => pulse.stats.audioMs, PATIENCE).toBeGreaterThan(300);
    const first = say(alice, 0, 8);
    const second = say(alice, 8, 8);
    await expect.poll(() => finalText(listener.data, 'alice'), PATIENCE).not.toBe('');
    await alice.room.localParticipant?.setAttributes({ 'captions.language': 'fr-FR' });
    await first;
    await second;
    await say(alice, 16, 4);
    await expect.poll(() => asked(pulse, 'language'), PATIENCE).toEqual(['en', 'fr']);
    await expect.poll(() => listener.told('languages'), PATIENCE).toBe('fr');
    await alice.leave();
    const compare = async () => tally(await wordsOn(tape), finalText(listener.data, 'alice'));
    await expect.poll(compare, { timeout: 20_000, interval: 500 }).toEqual(PERFECT);
    const languages = lastStates(listener.data).map(({ language }) => language);
    expect([languages[0], languages.at(-1)]).toEqual(['en', 'fr']);
    await expect
      .poll(() => finalText(listener.streams, 'alice'), PATIENCE)
      .toBe(finalText(listener.data, 'alice'));
  });

  test('a person opts out in mid-word, and comes back', async ({ call, expect }) => {
    const { pulse, listener } = call;
    const alice = await call.speaker('alice');
    await expect.poll(() => pulse.stats.audioMs, PATIENCE).toBeGreaterThan(300);
    const speaking = say(alice, 0, 12);
    const unsettled = () => listener.data.filter(({ final }) => !final).length;
    await expect.poll(unsettled, PATIENCE).toBeGreaterThan(0);
    await alice.room.localParticipant?.setAttributes({ 'captions.enabled': 'false' });
    await expect.poll(() => pulse.stats.current, PATIENCE).toBe(0);
    const { audioMs } = pulse.stats;
    await expect
      .poll(() => lastStates(listener.data).every(({ final }) => final), PATIENCE)
      .toBe(true);
    const shown = finalText(listener.data, 'alice');
    await speaking;
    expect(pulse.stats.audioMs).toBe(audioMs);
    expect(finalText(listener.data, 'alice')).toBe(shown);

    await alice.room.localParticipant?.setAttributes({ 'captions.enabled': '' });
    await expect.poll(() => pulse.stats.audioMs, PATIENCE).toBeGreaterThan(audioMs + 300);
    await say(alice, 20, 4);
    await expect
      .poll(() => finalText(listener.data, 'alice').length, PATIENCE)
      .toBeGreaterThan(shown.length);
  });

  test('the app turns captions off and on, and asks for things', async ({ call, expect }) => {
    const { pulse, listener, metadata } = call;
    const alice = await call.speaker('alice', { name: 'Alice' });
    await expect.poll(() => pulse.stats.current, PATIENCE).toBe(1);
    await metadata({ enabled: false });
    await expect.poll(() => listener.told('state'), PATIENCE).toBe('paused');
    await expect.poll(() => pulse.stats.current, PATIENCE).toBe(0);
    const { audioMs } = pulse.stats;
    await say(alice, 0, 2);
    expect(pulse.stats.audioMs).toBe(audioMs);

    await metadata('{"captions":');
    await expect.poll(() => listener.told('reason'), PATIENCE).toContain('is not JSON');
    expect(listener.told('state')).toBe('paused');
    const hostile = '<b>\u202E\u0000' + 'x'.repeat(10_000);
    await metadata({ language: hostile, keywords: ['Ng:2', 'Li:9'], diarize: true, colour: 1 });
    await expect.poll(() => listener.told('state'), PATIENCE).toBe('live');
    const reason = listener.told('reason') ?? '';
    expect(reason).toMatch(/language "b xxx[^<>]*", which is not there; there are en hi .* auto/);
    expect(reason.length).toBeLessThanOrEqual(500);
    await expect.poll(() => pulse.stats.current, PATIENCE).toBe(1);
    expect([asked(pulse, 'keywords').at(-1), asked(pulse, 'diarize').at(-1)]).toEqual([
      'Ng:2',
      'true',
    ]);

    await say(alice, 4, 4);
    const settled = () => lastStates(listener.streams).some(({ final }) => final);
    await expect.poll(settled, PATIENCE).toBe(true);
    await alice.room.localParticipant?.updateName('Alice Ng');
    await say(alice, 8, 4);
    const labels = () => lastStates(listener.streams).map(({ label }) => label);
    await expect.poll(() => labels().at(-1), PATIENCE).toBe('Alice Ng');
    expect(labels()[0]).toBe('Alice');
  });

  test('who comes later reads what was said, in order, before what is new', async ({
    call,
    expect,
  }) => {
    const { pulse, listener } = call;
    const alice = await call.speaker('alice');
    const bob = await call.speaker('bob');
    await expect.poll(() => pulse.stats.current, PATIENCE).toBe(2);
    await say(bob, 0, 8);
    await bob.leave();
    await expect.poll(() => pulse.stats.current, PATIENCE).toBe(1);
    await say(alice, 8, 8);
    const speaking = say(alice, 16, 16);
    await delay(2500);
    const before = lastStates(listener.streams).filter(({ final }) => final);
    const carol = await call.late('carol');
    await speaking;
    await alice.leave();
    await expect.poll(() => pulse.stats.current, PATIENCE).toBe(0);
    await expect.poll(() => lastStates(listener.streams).every(({ final }) => final)).toBe(true);
    const texts = (heard: readonly Heard[]) =>
      lastStates(heard).map(({ id, identity, text }) => ({ id, identity, text }));
    const byStart = (heard: readonly Heard[]) =>
      [...heard].sort((one, other) => one.start - other.start);
    const all = texts(byStart(lastStates(listener.streams)));
    await expect.poll(() => texts(byStart(lastStates(carol.streams))), PATIENCE).toEqual(all);
    // What was being said as she came may reach her before the captioner hears of her, and before all else.
    const missed = before.map(({ id }) => id);
    const told = lastStates(carol.streams).map(({ id }) => id);
    expect(missed.length).toBeGreaterThan(2);
    expect(told.filter((id) => missed.includes(id))).toEqual(missed);

    const newest = await ask(carol, '{"limit":3}');
    const rest = await ask(carol, JSON.stringify({ before: newest.captions[0]?.id ?? '' }));
    expect([newest.more, rest.more]).toEqual([true, false]);
    expect([...rest.captions, ...newest.captions].map(({ id, text }) => ({ id, text }))).toEqual(
      lastStates(listener.streams).map(({ id, text }) => ({ id, text })),
    );
    await expect(carol.ask('captions.backlog', 'what?')).rejects.toMatchObject({ code: 400 });
  });

  test('a browser that comes later gets what was said, too', async ({ call, expect, skip }) => {
    const alice = await call.speaker('alice');
    await expect.poll(() => call.pulse.stats.current, PATIENCE).toBe(1);
    await say(alice, 0, 8);
    await alice.leave();
    await expect.poll(() => call.pulse.stats.current, PATIENCE).toBe(0);
    await withBrowser({ skip }, async (browser) => {
      const token = await livekit.token(call.room, 'browser');
      const heard = await joinFromBrowser(browser, livekit.url, token);
      await expect
        .poll(async () => finalText((await heard()).streams, 'alice'), PATIENCE)
        .toBe(finalText(call.listener.streams, 'alice'));
    });
  });
});

async function ask(listener: Listener, payload: string): Promise<BacklogPage> {
  return JSON.parse(await listener.ask('captions.backlog', payload)) as BacklogPage;
}

describe.concurrent('an end-to-end encrypted room', () => {
  const encrypted = test.extend({ sharedKey: 'correct horse' });

  encrypted.extend({ captioner: { env: { E2EE_SHARED_KEY: 'correct horse' } } })(
    'is captioned with its key',
    async ({ call, expect }) => {
      const { pulse, listener } = call;
      const alice = await call.speaker('alice');
      await expect.poll(() => pulse.stats.audioMs, PATIENCE).toBeGreaterThan(300);
      await say(alice, 0, 8);
      await alice.leave();
      await expect.poll(() => pulse.stats.current, PATIENCE).toBe(0);
      await expect.poll(() => finalText(listener.data, 'alice'), PATIENCE).not.toBe('');
      // Encrypted streams come from the captioner: the SDK drops the name of the sender.
      const texts = () => lastStates(listener.streams).map(({ text }) => text);
      await expect
        .poll(() => texts().join(' ') === finalText(listener.data, 'alice'), PATIENCE)
        .toBe(true);
      const carol = await call.late('carol');
      // What is encrypted is read in parallel: readers put it in order by its times.
      await expect
        .poll(() => finalText(carol.streams, 'captions'), PATIENCE)
        .toBe(texts().join(' '));
    },
  );

  encrypted.extend({ captioner: { env: { E2EE_SHARED_KEY: 'another' } } })(
    'is not, with another key, and says so',
    async ({ call, expect }) => {
      const alice = await call.speaker('alice');
      await expect.poll(() => call.pulse.stats.audioMs, PATIENCE).toBeGreaterThan(300);
      // Whoever is not captioned goes on talking; the server tells who speaks a little later.
      for (let said = 0; said < 6 && call.listener.told('state') !== 'failed'; said += 1) {
        await say(alice, 0, 8);
      }
      await expect.poll(() => call.listener.told('state'), PATIENCE).toBe('failed');
      expect(call.listener.told('reason')).toContain('the captioner has no key');
    },
  );

  encrypted('is not, without, and says so', async ({ call, expect }) => {
    const { pulse, listener } = call;
    const alice = await call.speaker('alice');
    await expect.poll(() => listener.told('state'), PATIENCE).toBe('failed');
    expect(listener.told('reason')).toContain('the captioner has no key');
    await say(alice, 0, 2);
    expect(pulse.stats.opened).toBe(0);
  });
});
