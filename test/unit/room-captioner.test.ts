import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParticipantKind, RoomEvent, TrackKind, TrackSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logging.js';
import { PulseError } from '../../src/pulse/errors.js';
import type { PulseEvent } from '../../src/pulse/events.js';
import type { BacklogPage } from '../../src/publish/backlog-pages.js';
import { RoomCaptioner } from '../../src/room/captioner.js';
import { FakeRoom } from '../support/fake-room.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'captioner-'));
});
afterEach(() => rm(directory, { recursive: true }));

const final = (text: string, start = 0): PulseEvent => ({
  type: 'final',
  text,
  start,
  end: start + 500,
  words: [],
  continuesWord: false,
  endOfTurn: true,
});

function captioner(
  room: FakeRoom,
  signal?: AbortSignal,
  cost?: { ratePerHour: number; maxMinutesPerRoom?: number },
): RoomCaptioner {
  return new RoomCaptioner({
    room: room.asRoom(),
    config: {
      ...(cost && { cost }),
      pulse: { apiKey: 'key', baseUrl: 'http://127.0.0.1:1', recognition: { language: 'en' } },
      captions: { outputs: ['data'] },
      transcript: { directory },
    },
    logger: createLogger('silent'),
    openAudio: room.openAudio,
    openStream: room.openStream,
    ...(signal && { signal }),
  });
}

/** What was published as final: who is said to have said what. */
function finals(room: FakeRoom): string[] {
  return room.published
    .map(
      ({ text }) =>
        JSON.parse(text) as { final: boolean; text: string; speaker: { label: string } },
    )
    .filter((message) => message.final)
    .map(({ speaker, text }) => `${speaker.label}: ${text}`);
}

async function transcript(kind: 'jsonl' | 'vtt'): Promise<string> {
  const file = (await readdir(directory)).find((name) => name.endsWith(`.${kind}`));
  return file === undefined ? '' : readFile(join(directory, file), 'utf8');
}

test('only the audio of people is subscribed to, of those who are there and of those who come', async () => {
  const room = new FakeRoom();
  const early = room.join('early');
  const before = room.publish(early, 'TR_before');
  const running = captioner(room);
  await running.start();
  const late = room.join('late');
  const agent = room.join('agent', 'agent', ParticipantKind.AGENT);
  const phone = room.join('phone', 'phone', ParticipantKind.SIP);
  const wanted = [
    before,
    room.publish(late, 'TR_mic'),
    room.publish(late, 'TR_screen', { source: TrackSource.SOURCE_SCREENSHARE_AUDIO }),
    room.publish(phone, 'TR_phone', { source: TrackSource.SOURCE_UNKNOWN }),
  ];
  const others = [
    room.publish(late, 'TR_camera', { kind: TrackKind.KIND_VIDEO }),
    room.publish(agent, 'TR_agent'),
  ];
  expect(wanted.map(({ subscribed }) => subscribed)).toEqual([true, true, true, true]);
  expect(others.map(({ subscribed }) => subscribed)).toEqual([false, false]);
  expect(room.streams).toHaveLength(4);
  await running.end();
});

test('a track that an owner with automatic subscription has already subscribed is captioned too', async () => {
  const room = new FakeRoom();
  const alice = room.join('alice');
  room.publish(alice, 'TR_1').setSubscribed(true);
  const running = captioner(room);
  await running.start();
  expect(room.streams).toHaveLength(1);
  await running.end();
});

test('what is said is published and written under the name of who says it, also after a change of name', async () => {
  const room = new FakeRoom();
  const running = captioner(room);
  await running.start();
  const alice = room.join('alice', 'Alice');
  const bob = room.join('bob', '');
  const mic = room.publish(alice, 'TR_alice');
  room.publish(bob, 'TR_bob', { source: TrackSource.SOURCE_SCREENSHARE_AUDIO });
  room.feed(mic, 800);
  await expect.poll(() => room.streams[0]?.heard.length).toBe(1);
  expect(room.streams[1]?.heard).toEqual([]);

  room.streams[0]?.emit(final('Hello.'));
  room.streams[1]?.emit(final('Hi there.'));
  alice.name = 'Alice Ng';
  room.streams[0]?.emit(final('How are you?', 1000));
  await running.end();

  const said = ['Alice: Hello.', 'bob (screen): Hi there.', 'Alice Ng: How are you?'];
  expect(finals(room).sort()).toEqual(said.sort());
  const journal = await transcript('jsonl');
  for (const text of ['Hello.', 'Hi there.', 'How are you?']) expect(journal).toContain(text);
  expect(await transcript('vtt')).toContain('How are you?');
});

test('a change of name shows while somebody speaks, and two of one name are told apart', async () => {
  const room = new FakeRoom();
  const running = captioner(room);
  await running.start();
  const people = ['alex-1', 'alex-2'].map((identity) => room.join(identity, 'Alex'));
  for (const [index, person] of people.entries()) room.publish(person, `TR_${index}`);
  const interim = (text: string): PulseEvent => ({
    type: 'interim',
    text,
    start: 0,
    end: 500,
    words: [],
  });
  const labels = () =>
    room.published.map(
      ({ text }) => (JSON.parse(text) as { speaker: { label: string } }).speaker.label,
    );
  for (const stream of room.streams) stream.emit(interim('so'));
  await expect.poll(labels).toEqual(['Alex', 'Alex (2)']);
  const [, other] = people;
  if (!other) throw new Error('nobody there');
  other.name = 'Alexandra';
  room.emit(RoomEvent.ParticipantNameChanged, 'Alexandra', other);
  await expect.poll(labels).toEqual(['Alex', 'Alex (2)', 'Alexandra']);
  await running.end();
});

test.each([
  ['is unpublished', (room: FakeRoom) => room.unpublish(...only(room))],
  ['is unsubscribed', (room: FakeRoom) => room.unsubscribe(...only(room))],
  ['loses its participant', (room: FakeRoom) => room.leave(only(room)[0])],
])('a track that %s is ended, with its last words', async (_name, end) => {
  const room = new FakeRoom();
  const running = captioner(room);
  await running.start();
  room.publish(room.join('alice'), 'TR_1');
  const stream = room.streams[0];
  if (!stream) throw new Error('no stream');
  stream.onEnd = () => stream.emit(final('Goodbye.'));
  end(room);
  await expect.poll(() => stream.ended).toBe(true);
  await expect.poll(() => finals(room)).toEqual(['alice: Goodbye.']);
  await running.end();
  expect(finals(room)).toEqual(['alice: Goodbye.']);
});

function only(room: FakeRoom) {
  for (const participant of room.remoteParticipants.values()) {
    for (const publication of participant.trackPublications.values()) {
      return [participant, publication] as const;
    }
  }
  throw new Error('nobody has published');
}

test('the same track may be subscribed again, with a stream of its own', async () => {
  const room = new FakeRoom();
  const running = captioner(room);
  await running.start();
  const publication = room.publish(room.join('alice'), 'TR_1');
  publication.setSubscribed(false);
  publication.setSubscribed(true);
  expect(room.streams).toHaveLength(2);
  await expect.poll(() => room.streams[0]?.ended).toBe(true);
  expect(room.streams[1]?.ended).toBe(false);
  await running.end();
});

test.each(['end', 'signal', 'room'] as const)('everything ends with the %s', async (how) => {
  const room = new FakeRoom();
  const controller = new AbortController();
  const running = captioner(room, controller.signal);
  await running.start();
  room.publish(room.join('alice'), 'TR_1');
  room.publish(room.join('bob'), 'TR_2');
  for (const stream of room.streams) stream.onEnd = () => stream.emit(final('Last words.'));
  if (how === 'signal') controller.abort();
  if (how === 'room') room.disconnect();
  await Promise.all([running.end(), running.end()]);
  expect(room.streams.map(({ ended }) => ended)).toEqual([true, true]);
  expect((await transcript('jsonl')).match(/Last words\./g)).toHaveLength(2);
  expect(room.eventNames()).toEqual([]);
  room.publish(room.join('carol'), 'TR_3');
  expect(room.streams).toHaveLength(2);
});

test('last words that do not come are waited for only so long', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const room = new FakeRoom();
    const running = captioner(room);
    await running.start();
    room.publish(room.join('alice'), 'TR_1');
    const stream = room.streams[0];
    if (!stream) throw new Error('no stream');
    stream.hangs = true;
    stream.emit(final('Heard in time.'));
    const ended = running.end();
    await vi.advanceTimersByTimeAsync(60_000);
    await ended;
    expect(await transcript('jsonl')).toContain('Heard in time.');
  } finally {
    vi.useRealTimers();
  }
});

test('the room is told how its captions are', async () => {
  const room = new FakeRoom();
  const running = captioner(room);
  await running.start();
  room.publish(room.join('alice'), 'TR_1');
  const states = () => room.attributes.map((attributes) => attributes['captions.state']);
  await expect.poll(states).toEqual(['live']);
  expect(room.attributes[0]).toMatchObject({ 'captions.v': '1', 'captions.languages': 'en' });

  const away = new PulseError('unavailable', 'away');
  room.streams[0]?.emit({ type: 'connection', state: 'waiting', error: away });
  await expect.poll(states).toEqual(['live', 'degraded']);
  room.streams[0]?.emit({ type: 'connection', state: 'live' });
  await expect.poll(states).toEqual(['live', 'degraded', 'live']);
  room.emit(RoomEvent.Reconnected);
  await expect.poll(states).toEqual(['live', 'degraded', 'live', 'live']);
  await running.end();
});

test('a room that ends while its captioner starts is no error', async () => {
  const room = new FakeRoom();
  const running = captioner(room);
  const starting = running.start();
  room.isConnected = false;
  await starting;
  await running.end();
  expect(room.attributes).toEqual([]);
});

test('a room that was never connected is refused', async () => {
  const room = Object.assign(new FakeRoom(), { localParticipant: undefined });
  await expect(captioner(room).start()).rejects.toMatchObject({ code: 'not_connected' });
});

test('two rooms at the same time do not cross', async () => {
  const rooms = [new FakeRoom(), new FakeRoom()] as const;
  const captioners = rooms.map((room) => captioner(room));
  for (const running of captioners) await running.start();
  for (const room of rooms) room.publish(room.join('alice'), 'TR_same');
  rooms[0].streams[0]?.emit(final('In the first.'));
  rooms[1].streams[0]?.emit(final('In the second.'));
  await captioners[0]?.end();
  rooms[1].streams[0]?.emit(final('Still there.', 2000));
  await captioners[1]?.end();
  expect(finals(rooms[0])).toEqual(['alice: In the first.']);
  expect(finals(rooms[1])).toEqual(['alice: In the second.', 'alice: Still there.']);
});

test('who comes after a captioner has died reads what it had written down, and no one else’s room', async () => {
  const room = new FakeRoom();
  const first = captioner(room);
  await first.start();
  room.publish(room.join('alice'), 'TR_mic');
  room.streams[0]?.emit(final('Said before.'));
  await expect.poll(() => finals(room)).toEqual(['alice: Said before.']);

  const again = new FakeRoom();
  const elsewhere = Object.assign(new FakeRoom(), { getSid: () => Promise.resolve('RM_other') });
  const backlogOf = async (where: FakeRoom) => {
    await captioner(where).start();
    const page = await where.rpc.get('captions.backlog')?.({ payload: '' });
    const { captions } = JSON.parse(page ?? '') as BacklogPage;
    return captions.map(({ speaker, text, final }) => `${speaker.label}: ${text} ${final}`);
  };
  expect(await backlogOf(again)).toEqual(['alice: Said before. true']);
  expect(await backlogOf(elsewhere)).toEqual([]);
  await first.end();
});

test('a fault in a room ends its captions, with the reason on the room, and nothing else', async () => {
  const room = new FakeRoom();
  const faulty = new RoomCaptioner({
    room: room.asRoom(),
    config: {
      pulse: { apiKey: 'key', baseUrl: 'http://127.0.0.1:1', recognition: { language: 'en' } },
      captions: { outputs: ['data'] },
      transcript: undefined,
    },
    logger: createLogger('silent'),
    openAudio: room.openAudio,
    openStream: () => {
      throw new Error('out of order');
    },
  });
  await faulty.start();
  const alice = room.join('alice');
  room.publish(alice, 'TR_mic');
  await faulty.ended;
  expect(faulty.failure?.message).toBe('out of order');
  expect(room.attributes.at(-1)).toMatchObject({ 'captions.state': 'failed' });
  expect(room.attributes.at(-1)?.['captions.reason']).toContain('fault');
});

test('the minutes of a room are counted, warned of and kept, and what they cost is written down', async () => {
  const room = new FakeRoom();
  const running = captioner(room, undefined, { ratePerHour: 0.6, maxMinutesPerRoom: 10 });
  await running.start();
  const publication = room.publish(room.join('alice'), 'TR_1');
  const [stream] = room.streams;
  const state = () => room.attributes.at(-1);
  stream?.emit({ type: 'usage', audioMs: 9 * 60_000 });
  await expect.poll(() => state()?.['captions.reason']).toMatch(/pause soon/);
  expect(state()?.['captions.state']).toBe('live');
  expect(publication.subscribed).toBe(true);
  stream?.emit({ type: 'usage', audioMs: 60_000 });
  await expect.poll(() => state()?.['captions.state']).toBe('paused');
  expect(publication.subscribed).toBe(false);
  await expect.poll(() => stream?.ended).toBe(true);
  expect(room.publish(room.join('bob'), 'TR_2').subscribed).toBe(false);
  await running.end();
  const last = (await transcript('jsonl')).trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({
    type: 'closed',
    usage: {
      audioMs: 600_000,
      price: 0.1,
      tracks: [{ track: 'TR_1', price: 0.1 }],
      languages: { en: { audioMs: 600_000 } },
    },
  });
});

test('a day whose minutes are used up pauses a room, and the next day goes on', async () => {
  const room = new FakeRoom();
  const running = captioner(room);
  await running.start();
  const publication = room.publish(room.join('alice'), 'TR_1');
  expect(publication.subscribed).toBe(true);
  running.dayLimit = 'spent';
  expect(publication.subscribed).toBe(false);
  running.dayLimit = 'free';
  expect(publication.subscribed).toBe(true);
  await expect.poll(() => room.attributes.at(-1)?.['captions.state']).toBe('live');
  await running.end();
});
