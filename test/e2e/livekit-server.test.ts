import { once } from 'node:events';
import { AudioStream, Room, RoomEvent, TrackKind, type RemoteTrack } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { startLiveKitServer } from '../../src/devkit/livekit-server.js';
import { joinSpeaker, type Speaker } from '../../src/devkit/speaker.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function server(): Promise<TestLiveKit> {
  const livekit = await startTestLiveKit();
  open.push(() => livekit.close());
  return livekit;
}

async function listener(livekit: TestLiveKit, room: string): Promise<Room> {
  const listening = new Room();
  await listening.connect(livekit.url, await livekit.token(room, 'listener'), {
    autoSubscribe: true,
    dynacast: false,
  });
  open.push(() => listening.disconnect());
  return listening;
}

async function speaker(livekit: TestLiveKit, room: string): Promise<Speaker> {
  const { url, apiKey, apiSecret } = livekit;
  const joined = await joinSpeaker({ url, apiKey, apiSecret, room, identity: 'ann', name: 'Ann' });
  open.push(() => joined.hangUp());
  return joined;
}

/** A tone, that is something that an encoder keeps. */
function tone(seconds: number, sampleRate: number): Int16Array {
  return Int16Array.from({ length: seconds * sampleRate }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / sampleRate)),
  );
}

const loud = (frame: Int16Array) => frame.some((sample) => Math.abs(sample) > 2000);

test('two servers at once, each with ports and keys of its own', async () => {
  const [one, two] = [await server(), await server()];
  expect(one.url).not.toBe(two.url);
  expect(one.apiSecret.length).toBeGreaterThanOrEqual(32);
  await one.rooms.createRoom({ name: 'only-here' });
  expect((await one.rooms.listRooms()).map((room) => room.name)).toEqual(['only-here']);
  expect(await two.rooms.listRooms()).toEqual([]);
});

test('a server that was closed comes back on its port', async () => {
  const first = await server();
  await first.close();
  await first.close();
  await expect(first.rooms.listRooms()).rejects.toThrow();
  const { port, apiKey, apiSecret } = first;
  const again = await startTestLiveKit({ port, apiKey, apiSecret });
  open.push(() => again.close());
  expect(again.url).toBe(first.url);
  expect(await first.rooms.listRooms()).toEqual([]);
});

test('a port that is taken by somebody else is said', async () => {
  const first = await server();
  await expect(startTestLiveKit({ port: first.port })).rejects.toMatchObject({
    code: 'LIVEKIT_DID_NOT_START',
    message: expect.stringContaining('address already in use') as string,
  });
  await expect(startLiveKitServer({ binary: '/nowhere/livekit-server' })).rejects.toMatchObject({
    code: 'LIVEKIT_DID_NOT_START',
  });
});

test('what a speaker says arrives whole, between silence', async () => {
  const livekit = await server();
  const hearing = await listener(livekit, 'talk');
  const subscribed = once(hearing, RoomEvent.TrackSubscribed) as Promise<[RemoteTrack]>;
  const ann = await speaker(livekit, 'talk');
  const [track] = await subscribed;
  expect(track.kind).toBe(TrackKind.KIND_AUDIO);

  const reader = new AudioStream(track, {
    sampleRate: 16_000,
    numChannels: 1,
    frameSizeMs: 20,
  }).getReader();
  let spoken = false;
  // 24 kHz on purpose: it has to be resampled on the way.
  const saying = ann.speak(tone(2, 24_000), 24_000).then(() => (spoken = true));
  const heard = { silent: 0, loud: 0, after: 0 };
  while (heard.after < 25) {
    const { value, done } = await reader.read();
    if (done) throw new Error('The track ended');
    if (loud(value.data)) heard.loud += 1;
    else if (heard.loud > 0) heard.after += 1;
    else heard.silent += 1;
  }
  await saying;
  await reader.cancel();
  expect(spoken).toBe(true);
  expect(heard.loud * 20).toBeGreaterThan(1900);
  expect(heard.loud * 20).toBeLessThan(2300);
});

test('what is said while muted is lost', async () => {
  const livekit = await server();
  const hearing = await listener(livekit, 'muted');
  const subscribed = once(hearing, RoomEvent.TrackSubscribed) as Promise<[RemoteTrack]>;
  const ann = await speaker(livekit, 'muted');
  const [track] = await subscribed;
  const reader = new AudioStream(track, { sampleRate: 16_000, numChannels: 1 }).getReader();
  const heard = { loud: 0 };
  const reading = (async () => {
    for (let frame = await reader.read(); !frame.done; frame = await reader.read()) {
      if (loud(frame.value.data)) heard.loud += 1;
    }
  })();
  const muted = once(hearing, RoomEvent.TrackMuted);
  await ann.mute();
  await muted;
  await ann.speak(tone(1, 16_000), 16_000);
  expect(heard.loud).toBe(0);
  await ann.unmute();
  await ann.speak(tone(1, 16_000), 16_000);
  expect(heard.loud).toBeGreaterThan(50);
  await reader.cancel();
  await reading;
});

test('mute, unmute, unpublish, publish again, hang up: the others see each', async () => {
  const livekit = await server();
  const hearing = await listener(livekit, 'buttons');
  const published = once(hearing, RoomEvent.TrackSubscribed);
  const ann = await speaker(livekit, 'buttons');
  await published;

  for (const [event, act] of [
    [RoomEvent.TrackMuted, () => ann.mute()],
    [RoomEvent.TrackUnmuted, () => ann.unmute()],
    [RoomEvent.TrackUnpublished, () => ann.unpublish()],
    [RoomEvent.TrackSubscribed, () => ann.publish()],
  ] as const) {
    const seen = once(hearing, event);
    await act();
    await seen;
  }
  const left = once(hearing, RoomEvent.ParticipantDisconnected);
  const speech = ann.speak(tone(30, 16_000), 16_000);
  await ann.hangUp();
  await left;
  await speech;
  await ann.leave();
});
