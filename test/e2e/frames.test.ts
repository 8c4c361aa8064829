import { EventEmitter } from 'node:events';
import { RemoteAudioTrack, Room, RoomEvent } from '@livekit/rtc-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FrameReader, openAudio } from '../../src/audio/frames.js';
import { RoomClock } from '../../src/audio/room-clock.js';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { joinSpeaker } from '../../src/devkit/speaker.js';
import { alphabetWords } from '../support/alphabet.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';

const RATE = 16_000;
/** Two in one room, one in another, each with words of their own. */
const PEOPLE = [
  { room: 'first', identity: 'alice', words: [1, 30, 59, 88, 117, 146, 175, 204] },
  { room: 'first', identity: 'bob', words: [2, 31, 60, 89, 118, 147, 176, 205] },
  { room: 'second', identity: 'carol', words: [3, 32, 61, 90, 119, 148, 177, 206] },
];

let livekit: TestLiveKit;
beforeAll(async () => {
  livekit = await startTestLiveKit();
});
afterAll(() => livekit.close());

/** Where rtc-node emits its native events. */
function nativeEvents(): EventEmitter {
  const client: unknown = globalThis._ffiClientInstance;
  if (client instanceof EventEmitter) return client as EventEmitter;
  throw new Error('rtc-node emits its events elsewhere now: see src/audio/native-events.ts');
}

/** What is said in a room, by speaker. */
async function hear(name: string) {
  const room = new Room();
  const words = new Map<string, string[]>();
  const readers = new Map<string, FrameReader>();
  room.on(RoomEvent.TrackSubscribed, (track, _publication, { identity }) => {
    if (!(track instanceof RemoteAudioTrack)) return;
    const heard: string[] = [];
    words.set(identity, heard);
    const session = createExactRecogniser({ wordsPerFinal: 1 }).open(
      { silenceMs: 600, finalizeOnWords: true, interims: false },
      {
        speechStarted: () => undefined,
        silence: () => undefined,
        speechEnded: () => undefined,
        interim: () => undefined,
        final: (said) => heard.push(...said.map(({ text }) => text)),
        failed: () => undefined,
      },
    );
    const onFrame = (samples: Int16Array) => void session.push(samples);
    const clock = new RoomClock();
    const audio = openAudio(track, RATE);
    readers.set(identity, new FrameReader({ audio, sampleRate: RATE, clock, onFrame }));
  });
  const token = await livekit.token(name, 'hearer');
  await room.connect(livekit.url, token, { autoSubscribe: true, dynacast: false });
  return { room, words, readers };
}

test('tracks of several rooms in one process hear each its own speaker, and leave nothing behind', async () => {
  const first = await hear('first');
  const second = await hear('second');
  const client = nativeEvents();
  const listenersBefore = client.listenerCount('ffi_event');
  let framesOffered = 0;
  const bystander = ({ message }: { message: { case?: string } }) => {
    if (message.case === 'audioStreamEvent') framesOffered += 1;
  };
  client.on('ffi_event', bystander);
  const speakers = await Promise.all(
    PEOPLE.map((person) => joinSpeaker({ ...livekit, ...person })),
  );
  try {
    await expect
      .poll(() => first.readers.size + second.readers.size, { timeout: 20_000 })
      .toBe(PEOPLE.length);
    await Promise.all(
      speakers.map((speaker, index) => {
        const words = PEOPLE[index]?.words ?? [];
        const sound = encodeWords(words, { sampleRate: RATE, wordMs: 320, marginMs: 500 });
        return speaker.speak(sound, RATE);
      }),
    );
    for (const { room, identity, words } of PEOPLE) {
      const heard = () => (room === 'first' ? first : second).words.get(identity) ?? [];
      const said = alphabetWords(words);
      // LiveKit drops a packet now and then on a busy machine, but never makes up a word.
      await expect.poll(() => heard().length).toBeGreaterThanOrEqual(said.length - 2);
      expect(said).toEqual(expect.arrayContaining(heard()));
      expect(new Set(heard()).size).toBe(heard().length);
    }
    // One for each stream, to find whose it is; by now hundreds have come.
    expect(framesOffered).toBeLessThanOrEqual(PEOPLE.length);

    // One track ends because its speaker goes, the others because nobody listens any more.
    await speakers[0]?.hangUp();
    await first.readers.get('alice')?.done;
    const readers = [...first.readers.values(), ...second.readers.values()];
    await Promise.all(readers.map((reader) => reader.close()));
    client.off('ffi_event', bystander);
    await Promise.all(speakers.map((speaker) => speaker.hangUp()));
    await expect.poll(() => client.listenerCount('ffi_event')).toBe(listenersBefore);
  } finally {
    client.off('ffi_event', bystander);
    await Promise.all(speakers.map((speaker) => speaker.hangUp()));
    await Promise.all([first.room.disconnect(), second.room.disconnect()]);
  }
});
