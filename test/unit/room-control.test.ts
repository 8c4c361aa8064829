import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EncryptionType, ParticipantKind } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../src/logging.js';
import type { PulseEvent } from '../../src/pulse/events.js';
import { RoomCaptioner } from '../../src/room/captioner.js';
import { FakeRoom } from '../support/fake-room.js';

/** What rooms and people decide about their captions while these run. */
let directory: string;
let room: FakeRoom;
let running: RoomCaptioner | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'captioner-'));
  room = new FakeRoom();
});
afterEach(async () => {
  await running?.end();
  await rm(directory, { recursive: true });
});

async function start(dispatchMetadata?: string): Promise<void> {
  running = new RoomCaptioner({
    room: room.asRoom(),
    config: {
      pulse: { apiKey: 'key', baseUrl: 'http://127.0.0.1:1', recognition: { language: 'en' } },
      captions: { outputs: ['streams', 'data'] },
      transcript: { directory },
    },
    logger: createLogger('silent'),
    openAudio: room.openAudio,
    openStream: room.openStream,
    ...(dispatchMetadata !== undefined && { dispatchMetadata }),
  });
  await running.start();
}

const interim = (text: string): PulseEvent => ({
  type: 'interim',
  text,
  start: 0,
  end: 500,
  words: [],
});
const final = (text: string, start = 0): PulseEvent => ({
  type: 'final',
  text,
  start,
  end: start + 500,
  words: [],
  continuesWord: false,
  endOfTurn: false,
});

const shown = () => room.attributes.at(-1) ?? {};
/** The last state of each segment that was sent. */
const texts = (): string[] => [...new Map(room.texts.map(({ id, text }) => [id, text])).values()];
const languages = (index: number) => room.streams[index]?.changes.map(({ language }) => language);

async function journal(): Promise<{ type: string; identity?: string }[]> {
  await running?.end();
  const file = (await readdir(directory)).find((name) => name.endsWith('.jsonl')) ?? '';
  const lines = (await readFile(join(directory, file), 'utf8')).trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as { type: string; identity?: string });
  // How the captions are is not what is asked here.
  return records.filter(({ type }) => type !== 'state');
}

test('who opted out before anybody came is never subscribed to', async () => {
  const alice = room.join('alice', 'Alice', ParticipantKind.STANDARD, {
    'captions.enabled': 'false',
  });
  const early = room.publish(alice, 'TR_early');
  await start();
  const late = room.publish(alice, 'TR_late');
  expect([early.subscribed, late.subscribed]).toEqual([false, false]);
  expect(room.streams).toEqual([]);
  expect((await journal()).map(({ type }) => type)).toEqual([
    'room',
    'joined',
    'opted_out',
    'closed',
  ]);
});

test('who opts out in mid-word is not heard any more, and what was not final is taken back', async () => {
  await start();
  const alice = room.join('alice');
  const mic = room.publish(alice, 'TR_mic');
  const screen = room.publish(alice, 'TR_screen');
  room.streams[0]?.emit(final('This is said'));
  room.streams[0]?.emit(interim('and this is qui'));
  room.streams[1]?.emit(interim('Nor this'));
  await expect.poll(texts).toEqual(['This is said and this is qui', 'Nor this']);

  room.setAttributes(alice, { 'captions.enabled': 'false' });
  expect([mic.subscribed, screen.subscribed]).toEqual([false, false]);
  expect(room.streams.map(({ closed }) => closed)).toEqual([true, true]);
  room.streams[0]?.emit(final('and this is quiet'));
  await expect.poll(texts).toEqual(['This is said', '']);

  room.setAttributes(alice, { 'captions.enabled': '' });
  expect([mic.subscribed, screen.subscribed]).toEqual([true, true]);
  expect(room.streams).toHaveLength(4);
  room.streams[2]?.emit(final('Back again.', 5000));
  await expect.poll(texts).toEqual(['This is said', '', 'Back again.']);
  const records = await journal();
  expect(records.map(({ type }) => type)).toEqual([
    'room',
    'joined',
    'segment',
    'opted_out',
    'opted_in',
    'segment',
    'closed',
  ]);
});

test('last words that are still awaited are not, once their speaker opts out', async () => {
  await start();
  const alice = room.join('alice');
  const mic = room.publish(alice, 'TR_mic');
  const [stream] = room.streams;
  if (!stream) throw new Error('no stream');
  stream.hangs = true;
  stream.emit(interim('My last wor'));
  room.unpublish(alice, mic);
  await expect.poll(() => stream.ended).toBe(true);
  room.setAttributes(alice, { 'captions.enabled': 'false' });
  expect(stream.closed).toBe(true);
  await expect.poll(texts).toEqual(['']);
});

test('the metadata of the room turns captions off and on, and everybody can see it', async () => {
  await start();
  const mic = room.publish(room.join('alice'), 'TR_mic');
  await expect.poll(shown).toMatchObject({ 'captions.state': 'live', 'captions.languages': 'en' });
  expect(shown()['captions.by']).toContain('Pulse');
  room.setMetadata({ captions: { enabled: false } });
  expect(mic.subscribed).toBe(false);
  const bob = room.publish(room.join('bob'), 'TR_bob');
  expect(bob.subscribed).toBe(false);
  await expect.poll(shown).toMatchObject({
    'captions.state': 'paused',
    'captions.reason': 'Captions are turned off for this room.',
    'captions.languages': '',
  });
  room.setMetadata('{captions');
  expect(mic.subscribed).toBe(false);
  await expect.poll(() => shown()['captions.reason']).toMatch(/turned off.*is not JSON\.$/);

  room.setMetadata({ captions: { enabled: true } });
  expect([mic.subscribed, bob.subscribed]).toEqual([true, true]);
  await expect.poll(shown).toMatchObject({ 'captions.state': 'live', 'captions.reason': '' });
});

test('languages come from the dispatch, the room and each person, and change while they speak', async () => {
  await start('{"language":"de"}');
  const alice = room.join('alice');
  const bob = room.join('bob', 'Bob', ParticipantKind.STANDARD, { 'captions.language': 'fr-CA' });
  room.publish(alice, 'TR_alice');
  room.publish(bob, 'TR_bob');
  expect([languages(0), languages(1)]).toEqual([['de'], ['fr']]);
  await expect.poll(shown).toMatchObject({ 'captions.languages': 'de,fr' });

  room.setMetadata({ captions: { language: 'es', languages: { alice: 'it', bob: 'it' } } });
  room.setAttributes(bob, { 'captions.language': 'auto' });
  room.setAttributes(bob, { colour: 'red' });
  expect([languages(0), languages(1)]).toEqual([
    ['de', 'it'],
    ['fr', 'multi'],
  ]);
  await expect.poll(shown).toMatchObject({ 'captions.languages': 'auto,it' });

  room.setAttributes(bob, { 'captions.language': 'klingon' });
  expect(languages(1)).toEqual(['fr', 'multi']);
  await expect
    .poll(() => shown()['captions.reason'])
    .toMatch(/"klingon", which is not there; there are en hi de/);
  expect(shown()['captions.state']).toBe('live');
});

test('the journal has in which language a person is heard, where it is not the default, and each change', async () => {
  await start();
  const alice = room.join('alice');
  const bob = room.join('bob', 'Bob', ParticipantKind.STANDARD, { 'captions.language': 'fr-CA' });
  const eve = room.join('eve', 'Eve', ParticipantKind.STANDARD, { 'captions.enabled': 'false' });
  room.join('robot', 'Robot', ParticipantKind.AGENT);
  room.setMetadata({ captions: { language: 'es', languages: { bob: 'it' } } });
  room.setAttributes(alice, { 'captions.language': 'auto' });
  room.setAttributes(alice, { 'captions.language': 'auto', colour: 'red' });
  room.setAttributes(alice, { 'captions.language': 'klingon' });
  room.setAttributes(eve, { 'captions.enabled': '' });
  room.leave(bob);
  room.join('bob');
  const records = (await journal()) as { type: string; identity: string; language: string }[];
  const changes = records.filter(({ type }) => type === 'language');
  expect(changes.map(({ identity, language }) => `${identity} ${language}`)).toEqual([
    'bob fr',
    'alice es',
    'alice auto',
    'eve es',
    'bob it',
  ]);
});

test('text of which the recogniser does not say the language has the one that was asked for', async () => {
  await start();
  const alice = room.join('alice');
  room.publish(alice, 'TR_1');
  const [stream] = room.streams;
  const said = () =>
    room.published.map(({ text }) => JSON.parse(text) as { text: string; language: string });
  stream?.emit({ type: 'connection', state: 'connecting' });
  stream?.emit(final('Hello.'));
  room.setAttributes(alice, { 'captions.language': 'fr' });
  stream?.emit(final('Still.', 1000));
  stream?.emit({ type: 'connection', state: 'connecting' });
  stream?.emit(final('Bonjour.', 2000));
  const asText = () => said().map(({ text, language }) => `${language} ${text}`);
  await expect.poll(asText).toEqual(['en Hello.', 'en Still.', 'fr Bonjour.']);
});

test('a language that the service refuses gives way, and the room is told', async () => {
  await start();
  const alice = room.join('alice', 'Alice', ParticipantKind.STANDARD, {
    'captions.language': 'ja',
  });
  room.publish(alice, 'TR_1');
  room.streams[0]?.refuse('ja');
  expect(languages(0)).toEqual(['ja', 'en']);
  await expect.poll(shown).toMatchObject({
    'captions.state': 'live',
    'captions.reason': 'The speech service refuses the language ja here.',
    'captions.languages': 'en',
  });
});

test('keywords, redaction and diarization of the room reach the streams that run', async () => {
  await start();
  room.publish(room.join('alice'), 'TR_1');
  room.setMetadata({ captions: { keywords: ['Ng:2'], redact: true, diarize: true } });
  room.setMetadata({});
  expect(room.streams[0]?.changes).toMatchObject([
    { keywords: undefined },
    { keywords: 'Ng:2', redactPii: true, redactPci: true, diarize: true },
    { keywords: undefined, redactPii: undefined, redactPci: undefined, diarize: undefined },
  ]);
});

test('what is encrypted is not sent as noise to a captioner without a key, and the room is told', async () => {
  const encryptionType = EncryptionType.GCM;
  await start();
  const alice = room.join('alice');
  const secret = room.publish(alice, 'TR_1', { encryptionType });
  expect(secret.subscribed).toBe(false);
  await expect.poll(shown).toMatchObject({
    'captions.state': 'failed',
    'captions.reason': expect.stringContaining('the captioner has no key') as string,
  });
  room.publish(room.join('bob'), 'TR_2');
  await expect.poll(shown).toMatchObject({ 'captions.state': 'degraded' });
  room.leave(alice);
  await expect.poll(shown).toMatchObject({ 'captions.state': 'live', 'captions.reason': '' });
});

test('with a key it is heard', async () => {
  room.e2eeManager = {};
  await start();
  const secret = room.publish(room.join('alice'), 'TR_1', { encryptionType: EncryptionType.GCM });
  expect(secret.subscribed).toBe(true);
  expect(room.streams).toHaveLength(1);
  await expect.poll(shown).toMatchObject({ 'captions.state': 'live' });

  room.publish(room.join('bob'), 'TR_2');
  await expect.poll(shown).toMatchObject({
    'captions.state': 'degraded',
    'captions.reason': expect.stringContaining('only people whose app has the key') as string,
  });
});

test('who comes later is told what was said, alone and in order, and may ask for it', async () => {
  await start();
  const alice = room.join('alice');
  room.publish(alice, 'TR_1');
  const [stream] = room.streams;
  for (const index of [0, 1, 2]) {
    stream?.emit(final(`Sentence ${index}.`, index * 1000));
    stream?.emit({ type: 'speech_ended', at: index * 1000 + 500 });
  }
  stream?.emit(interim('Not yet sai'));
  await expect.poll(texts).toHaveLength(4);
  const before = room.texts.length;
  room.join('bob');
  const told = () => room.texts.slice(before);
  await expect.poll(told).toHaveLength(3);
  expect(told().map(({ text, to, from, final }) => ({ text, to, from, final }))).toEqual(
    [0, 1, 2].map((index) => ({
      text: `Sentence ${index}.`,
      to: ['bob'],
      from: 'alice',
      final: true,
    })),
  );
  expect(told().map(({ id }) => id)).toEqual(
    [...new Set(room.texts.map(({ id }) => id))].slice(0, 3),
  );

  const ask = async (payload: string) => room.rpc.get('captions.backlog')?.({ payload });
  const page = JSON.parse((await ask('{"limit":2}')) ?? '') as {
    captions: { id: string; text: string }[];
    more: boolean;
  };
  expect(page.captions.map(({ text }) => text)).toEqual(['Sentence 1.', 'Sentence 2.']);
  expect(page.more).toBe(true);
  await expect(ask('{"limit":-1}')).rejects.toMatchObject({
    code: 400,
    message: expect.stringMatching(/^send JSON like/) as string,
  });
});
