import { AudioFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { openNoiseStream } from '../../examples/own-recogniser.js';
import { decodeMessage } from '../../src/captions/schema.js';
import type { PulseEvent } from '../../src/pulse/events.js';
import { captionerOf, FakeRoom } from '../support/fake-room.js';

const RATE = 16_000;

test("the example's recogniser captions a room in place of Pulse", async () => {
  const room = new FakeRoom();
  const captioner = captionerOf(room, {
    openStream: openNoiseStream,
  });
  await captioner.start();
  const { track } = room.publish(room.join('alice', 'Alice'), 'TR_alice');
  const samples = new Int16Array(RATE / 10).fill(3000);
  const said = () => room.published.flatMap(({ text }) => decodeMessage(text) ?? []);
  const feed = track && room.feeds.get(track);
  feed?.enqueue(new AudioFrame(samples, RATE, 1, samples.length));
  await expect.poll(() => said().length).toBe(1);
  expect(room.attributes.at(-1)).toMatchObject({ 'captions.state': 'live' });
  await captioner.end();
  const [interim, last, ...more] = said();
  expect(more).toEqual([]);
  expect([interim?.final, last?.final]).toEqual([false, true]);
  expect(last).toMatchObject({
    id: interim?.id,
    text: 'Noise for 0.1 seconds.',
    speaker: { identity: 'alice', label: 'Alice' },
  });
});

test('it tells of turns in pairs, and makes a final of each', () => {
  const events: PulseEvent[] = [];
  const config = { apiKey: '', baseUrl: '', recognition: {} };
  const stream = openNoiseStream(
    config,
    (event) => events.push(event),
    () => undefined,
  );
  const push = (sample: number, from: number, to: number) => {
    for (let at = from; at < to; at += 100) {
      stream.push(new Int16Array(RATE / 10).fill(sample), at);
    }
  };
  push(3000, 0, 1000);
  push(0, 1000, 2000);
  push(3000, 2000, 2200);
  expect(stream.unconfirmedSpeech).toEqual({ start: 2000 });
  void stream.end();
  expect(stream.position.until).toBe(2200);
  const said = events.filter(({ type }) => type !== 'interim');
  expect(said.map(({ type }) => type)).toEqual([
    ...['connection', 'speech_started', 'final', 'speech_ended'],
    ...['speech_started', 'final', 'speech_ended', 'connection'],
  ]);
  expect(said.flatMap((event) => (event.type === 'final' ? [event.text] : []))).toEqual([
    'Noise for 1.0 seconds.',
    'Noise for 0.2 seconds.',
  ]);
});
