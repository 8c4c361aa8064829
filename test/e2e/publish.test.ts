import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Room, RoomEvent } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { decodeMessage, type CaptionMessage } from '../../src/captions/schema.js';
import type { PublishError } from '../../src/publish/errors.js';
import { Publisher } from '../../src/publish/publisher.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';

interface TextStream {
  readonly sender: string;
  /** Undefined until it is complete. */
  text?: string;
  readonly attributes: Record<string, string>;
}

let livekit: TestLiveKit;
const captioner = new Room();
const listener = new Room();
/** In the order of their headers: rtc-node may complete small streams that follow one another in another order. */
const streams: TextStream[] = [];
const messages: (CaptionMessage | undefined)[] = [];
const arrived = new EventEmitter();
const errors: PublishError[] = [];

beforeAll(async () => {
  livekit = await startTestLiveKit();
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity: 'captions' });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room: 'talk', canPublishData: true });
  listener.registerTextStreamHandler('lk.transcription', (reader, { identity }) => {
    const stream: TextStream = { sender: identity, attributes: reader.info.attributes ?? {} };
    streams.push(stream);
    void reader.readAll().then((text) => {
      stream.text = text;
      arrived.emit('one');
    });
  });
  listener.on(RoomEvent.DataReceived, (payload, _from, _kind, topic) => {
    if (topic !== 'captions') return;
    messages.push(decodeMessage(payload));
    arrived.emit('one');
  });
  const options = { autoSubscribe: false, dynacast: false };
  await listener.connect(livekit.url, await livekit.token('talk', 'bob'), options);
  await captioner.connect(livekit.url, await token.toJwt(), options);
});

afterAll(async () => {
  await captioner.disconnect();
  await listener.disconnect();
  await livekit.close();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await once(arrived, 'one');
}

function complete(): TextStream[] {
  return streams.filter(({ text }) => text !== undefined);
}

function publisher(outputs: ('streams' | 'segments' | 'data')[]): Publisher {
  const channel = captioner.localParticipant;
  if (!channel) throw new Error('not connected');
  return new Publisher({ channel, outputs, onError: (error) => errors.push(error) });
}

function caption(id: string, rev: number, text: string, final = false): Caption {
  return {
    id,
    rev,
    final,
    text,
    settled: final ? text.length : 0,
    language: 'en',
    speaker: { identity: 'alice', name: 'Alice Ng', label: 'Alice Ng (screen)' },
    track: { sid: 'TR_alice', source: 'screen_share_audio' },
    start: 12_340,
    end: 13_910,
    epoch: 1_795_400_000_000,
    ...(final ? { words: [{ text: 'so', start: 12_340, end: 12_510, confidence: 0.98 }] } : {}),
  };
}

test('a listener gets each state in the name of the speaker, in order, by streams and by data', async () => {
  const captions = publisher(['streams', 'segments', 'data']);
  const states = [
    caption('SG_1', 0, 'so'),
    caption('SG_1', 1, 'so the plan'),
    caption('SG_1', 2, 'So the plan is this.', true),
    caption('SG_2', 0, 'hm'),
    caption('SG_2', 1, '', true),
    caption('SG_3', 0, '今天天气很好。 👩‍👩‍👧', true),
  ];
  for (const state of states) {
    captions.publish(state);
    // Each on its own, so that none is skipped for a newer one.
    expect(await captions.drain()).toBe(true);
  }
  await until(() => complete().length >= states.length && messages.length >= states.length);
  expect(errors).toEqual([]);

  expect(
    messages.map((message) => [message?.id, message?.rev, message?.final, message?.text]),
  ).toEqual(states.map(({ id, rev, final, text }) => [id, rev, final, text]));
  expect(messages[2]).toMatchObject({
    language: 'en',
    speaker: { identity: 'alice', name: 'Alice Ng', label: 'Alice Ng (screen)' },
    track: { sid: 'TR_alice', source: 'screen_share_audio' },
    start: 12_340,
    end: 13_910,
    epoch: 1_795_400_000_000,
    words: [{ text: 'so', start: 12_340, end: 12_510, confidence: 0.98 }],
  });

  expect(streams.map(({ sender, text }) => [sender, text])).toEqual(
    states.map(({ text }) => ['alice', text]),
  );
  expect(streams.map(({ attributes }) => attributes)).toEqual(
    states.map(({ id, rev, final }) => ({
      'lk.segment_id': id,
      'lk.transcribed_track_id': 'TR_alice',
      'lk.transcription_final': String(final),
      'captions.language': 'en',
      'captions.speaker': 'Alice Ng (screen)',
      'captions.start': '12340',
      'captions.end': '13910',
      'captions.rev': String(rev),
    })),
  );
  await captions.close();
});

test('when captions come faster than they can be sent, every final arrives, in order', async () => {
  streams.length = 0;
  messages.length = 0;
  const captions = publisher(['streams', 'data']);
  const ids = Array.from({ length: 100 }, (_, index) => `SG_fast_${index}`);
  for (const id of ids) {
    for (let rev = 0; rev < 5; rev += 1) captions.publish(caption(id, rev, `${id} ${rev}`));
    captions.publish(caption(id, 5, `${id}.`, true));
  }
  await captions.close();
  const finalStreams = () =>
    complete().filter(({ attributes }) => attributes['lk.transcription_final'] === 'true');
  const finalMessages = () => messages.filter((message) => message?.final);
  await until(() => finalStreams().length >= ids.length && finalMessages().length >= ids.length);
  expect(finalStreams().map(({ text }) => text)).toEqual(ids.map((id) => `${id}.`));
  expect(finalMessages().map((message) => message?.text)).toEqual(ids.map((id) => `${id}.`));
  expect(errors).toEqual([]);
});

test('twelve people at once, who talk fast: every final arrives, in order for each of them', async () => {
  streams.length = 0;
  messages.length = 0;
  const captions = publisher(['streams', 'segments', 'data']);
  const people = Array.from({ length: 12 }, (_, index) => `TR_${index}`);
  for (let segment = 0; segment < 8; segment += 1) {
    for (let rev = 0; rev <= 6; rev += 1) {
      for (const sid of people) {
        const id = `${sid}-${segment}`;
        const state = caption(id, rev, rev === 6 ? `${id}.` : `${id} ${rev}`, rev === 6);
        captions.publish({ ...state, track: { ...state.track, sid } });
      }
      await sleep(5);
    }
  }
  await captions.close();
  const finalStreams = () =>
    complete().filter(({ attributes }) => attributes['lk.transcription_final'] === 'true');
  const finalMessages = () => messages.filter((message) => message?.final);
  await until(() => finalStreams().length >= 96 && finalMessages().length >= 96);
  for (const sid of people) {
    const expected = Array.from({ length: 8 }, (_, segment) => `${sid}-${segment}.`);
    const own = (texts: (string | undefined)[]) =>
      texts.filter((text) => text?.startsWith(`${sid}-`));
    expect(own(finalStreams().map(({ text }) => text))).toEqual(expected);
    expect(own(finalMessages().map((message) => message?.text))).toEqual(expected);
  }
  expect(messages.length).toBeLessThan(12 * 8 * 7);
  expect(errors).toEqual([]);
});

test('what is said while LiveKit is gone for good is told of, and closing ends', async () => {
  const captions = publisher(['streams', 'segments', 'data']);
  await captioner.disconnect();
  captions.publish(caption('SG_gone', 0, 'Nobody hears this.', true));
  await captions.close(500);
  expect(new Set(errors.map(({ output }) => output))).toEqual(
    new Set(['streams', 'segments', 'data']),
  );
  for (const error of errors) expect(error.message).not.toContain('Nobody');
});
