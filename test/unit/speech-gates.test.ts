import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import type { OpenDetector } from '../../src/audio/voice-detector.js';
import { createLogger } from '../../src/logging.js';
import { RoomCaptioner } from '../../src/room/captioner.js';
import { SpeechGates, turnSilenceMs } from '../../src/room/speech-gates.js';
import { LoudnessDetector } from '../support/detectors.js';
import { FakeRoom } from '../support/fake-room.js';

const FRAME = 800;
const VOICE = 1000;
const HUM = 5;

function pulse(gate?: { prerollMs: number }) {
  return { apiKey: 'key', baseUrl: 'http://127.0.0.1:1', recognition: {}, gate };
}

async function captionedRoom(openDetector: OpenDetector, gate?: { prerollMs: number }) {
  const room = new FakeRoom();
  const log: string[] = [];
  const sink = new Writable({
    write: (line: Buffer, _encoding, done) => {
      log.push(line.toString());
      done();
    },
  });
  const captioner = new RoomCaptioner({
    room: room.asRoom(),
    config: { pulse: pulse(gate), captions: { outputs: [] }, transcript: undefined },
    logger: pino({}, sink),
    openAudio: room.openAudio,
    openStream: room.openStream,
    openDetector,
  });
  await captioner.start();
  const say = (track: ReturnType<FakeRoom['publish']>, values: readonly number[]) => {
    for (const value of values) room.feed(track, FRAME, value);
  };
  return {
    room,
    captioner,
    say,
    warnings: () => log.filter((line) => line.includes('PULSE_GATE')),
  };
}

const repeated = (value: number, times: number): number[] => Array<number>(times).fill(value);

test('only speech reaches the recogniser, which is asked for a final when it is over', async () => {
  const { open } = new LoudnessDetector();
  const { room, captioner, say } = await captionedRoom(open, { prerollMs: 100 });
  const [alice, bob] = ['alice', 'bob'].map((name) => room.publish(room.join(name), `TR_${name}`));
  if (!alice || !bob) throw new Error('nobody is there');
  say(bob, repeated(HUM, 50));
  say(alice, [...repeated(HUM, 20), VOICE, VOICE, ...repeated(HUM, 30), VOICE]);
  await expect.poll(() => room.streams[0]?.heard.length).toBe(2 + 2 + 14 + 2 + 1);
  expect(room.streams[0]?.flushes).toEqual([18]);
  await captioner.end();
  expect(room.streams[1]?.heard).toEqual([]);
  expect(room.streams.map(({ ended }) => ended)).toEqual([true, true]);
});

test('the last word is recognised when a track ends right behind it', async () => {
  const { open } = new LoudnessDetector();
  const slow: OpenDetector = async (rate) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return open(rate);
  };
  const { room, captioner, say } = await captionedRoom(slow, { prerollMs: 100 });
  const track = room.publish(room.join('alice'), 'TR_1');
  say(track, [HUM, VOICE, VOICE]);
  let heardAtTheEnd = -1;
  const [stream] = room.streams;
  if (!stream) throw new Error('no stream');
  stream.onEnd = () => (heardAtTheEnd = stream.heard.length);
  await captioner.end();
  expect(heardAtTheEnd).toBe(3);
});

test('who opts out is not heard any more, whatever was not decided yet', async () => {
  const { open } = new LoudnessDetector();
  let opened: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (opened = resolve));
  const { room, captioner, say } = await captionedRoom((rate) => waiting.then(() => open(rate)), {
    prerollMs: 100,
  });
  const alice = room.join('alice');
  say(room.publish(alice, 'TR_1'), [VOICE, VOICE]);
  await new Promise((resolve) => setImmediate(resolve));
  room.setAttributes(alice, { 'captions.enabled': 'false' });
  opened();
  await captioner.end();
  expect(room.streams.map(({ heard, closed }) => [heard.length, closed])).toEqual([[0, true]]);
});

test('without a detector everything is sent, and the log says so once', async () => {
  const { room, captioner, say, warnings } = await captionedRoom(
    () => Promise.reject(new Error('not on this machine')),
    { prerollMs: 100 },
  );
  for (const name of ['alice', 'bob']) {
    say(room.publish(room.join(name), `TR_${name}`), repeated(HUM, 10));
  }
  await expect.poll(() => room.streams.map(({ heard }) => heard.length)).toEqual([10, 10]);
  await captioner.end();
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).toContain('not on this machine');
});

test('the gate can be off', async () => {
  const detector = new LoudnessDetector();
  const { room, captioner, say } = await captionedRoom(detector.open);
  say(room.publish(room.join('alice'), 'TR_1'), repeated(0, 10));
  await expect.poll(() => room.streams[0]?.heard.length).toBe(10);
  await captioner.end();
  expect(detector.heard).toEqual([]);
});

describe('another captioner can take over', () => {
  test('only when what may be speech was said after it has begun to listen', async () => {
    const room = new FakeRoom();
    const stream = room.openStream(
      pulse(),
      () => undefined,
      () => undefined,
    );
    const { open } = new LoudnessDetector();
    const gates = new SpeechGates(pulse({ prerollMs: 100 }), createLogger('silent'), open);
    const gated = gates.before(stream);
    expect(gated.unconfirmedSpeech).toBeUndefined();
    for (const at of [1000, 1050, 1100, 1150]) gated.push(new Int16Array(FRAME).fill(HUM), at);
    expect(gated.unconfirmedSpeech).toEqual({ start: 1000 });
    // Of what was heard only the last may still be the beginning of a word.
    await expect.poll(() => gated.unconfirmedSpeech).toEqual({ start: 1100 });
    gated.close();
    expect(gated.unconfirmedSpeech).toBeUndefined();
  });
});

test.each([
  [{}, 600],
  [{ endpointingTimeout: 300 }, 300],
  [{ eouTimeoutMs: 1500 }, 1500],
  [{ endpointingTimeout: 700, eouTimeoutMs: 200 }, 700],
  [{ endpointing: false }, 800],
  [{ endpointing: false, endpointingTimeout: 300, eouTimeoutMs: 1200 }, 1200],
])('with %j the service ends a turn after %i ms', (options, expected) => {
  expect(turnSilenceMs(options)).toBe(expected);
});
