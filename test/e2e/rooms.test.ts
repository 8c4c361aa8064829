import { readdir } from 'node:fs/promises';
import { AgentDispatchClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finalText } from '../support/listener.js';
import { recordings } from '../support/recordings.js';
import { type Scene, startScene } from '../support/scene.js';
import { transcriptOf } from '../support/transcripts.js';
import { wordErrorRate } from '../support/wer.js';
import { startTestWorker, type TestWorker } from '../support/worker.js';

const PATIENCE = { timeout: 30_000, interval: 100 };
const TOLERANCE = 0.15;

let scene: Scene;
let worker: TestWorker;

beforeAll(async () => {
  scene = await startScene();
  worker = await scene.startWorker({ PULSE_GATE: 'on' });
});
afterAll(() => scene.close());

const agentsIn = async (room: string): Promise<string[]> => {
  const participants = await scene.livekit.rooms.listParticipants(room).catch(() => []);
  return participants.filter(({ name }) => name === 'Captions').map(({ identity }) => identity);
};
const complete = (room: string) => async () =>
  (await transcriptOf(worker.directory, room)) !== undefined;

test('rooms at the same time do not cross, and people who come and go in a hurry do no harm', async () => {
  const [van, thanks, bye] = await recordings('tom-2', 'maya-4', 'tom-4');
  if (!van || !thanks || !bye) throw new Error('recordings are missing');
  const rooms = { north: await scene.listen('north'), south: await scene.listen('south') };
  await scene.livekit.rooms.createRoom({ name: 'empty' });
  for (const listener of Object.values(rooms)) {
    await expect.poll(() => listener.state, PATIENCE).toBe('live');
  }
  const inNorth = await scene.join('north', 'alice', { name: 'Alice of the north' });
  const inSouth = await scene.join('south', 'alice', { name: 'Alice of the south' });

  const spoken = Promise.all([
    inNorth.speak(van.samples, van.sampleRate),
    inSouth.speak(thanks.samples, thanks.sampleRate),
  ]);
  const flash = await scene.join('north', 'flash');
  await flash.unpublish();
  await flash.publish();
  await flash.hangUp();
  const cut = await scene.join('south', 'cut');
  void cut.speak(van.samples, van.sampleRate);
  const heardCut = () => rooms.south.data.some(({ identity }) => identity === 'cut');
  await expect.poll(heardCut, PATIENCE).toBe(true);
  await cut.hangUp();
  await spoken;
  await inNorth.speak(bye.samples, bye.sampleRate);

  const expected = { north: `${van.text} ${bye.text}`, south: thanks.text };
  for (const name of ['north', 'south'] as const) {
    await expect
      .poll(() => wordErrorRate(expected[name], finalText(rooms[name].data, 'alice')), PATIENCE)
      .toBeLessThanOrEqual(TOLERANCE);
    const tracks = new Set(rooms[name].data.map(({ track }) => track));
    expect(tracks).not.toContain((name === 'north' ? inSouth : inNorth).trackSid);
  }
  const cutShort = () => rooms.south.data.findLast(({ identity }) => identity === 'cut')?.final;
  await expect.poll(cutShort, PATIENCE).toBe(true);

  await expect.poll(() => agentsIn('empty'), PATIENCE).toHaveLength(1);
  await scene.livekit.rooms.deleteRoom('empty');
  for (const person of [inNorth, inSouth]) await person.leave();
  for (const listener of Object.values(rooms)) await listener.close();
  for (const room of ['north', 'south', 'empty']) {
    await expect.poll(complete(room), PATIENCE).toBe(true);
  }
  const north = await transcriptOf(worker.directory, 'north');
  const south = await transcriptOf(worker.directory, 'south');
  expect(wordErrorRate(expected.north, north?.said('alice') ?? '')).toBeLessThanOrEqual(TOLERANCE);
  expect(wordErrorRate(expected.south, south?.said('alice') ?? '')).toBeLessThanOrEqual(TOLERANCE);
  expect(north?.vtt).not.toContain('of the south');
  expect(await agentsIn('north')).toEqual([]);
  await expect.poll(() => scene.pulse.stats.current, PATIENCE).toBe(0);
  expect(worker.log.filter(({ level }) => level >= 40)).toEqual([]);
});

test('the first SIGTERM lets a room go on and takes no new one, the second ends it with its transcript', async () => {
  const [thanks] = await recordings('maya-4');
  if (!thanks) throw new Error('the recording is missing');
  const listener = await scene.listen('long');
  await expect.poll(() => listener.state, PATIENCE).toBe('live');
  const alice = await scene.join('long', 'alice');
  worker.signal('SIGTERM');
  const late = await scene.join('late', 'bob');
  await alice.speak(thanks.samples, thanks.sampleRate);
  await expect
    .poll(() => wordErrorRate(thanks.text, finalText(listener.data, 'alice')), PATIENCE)
    .toBeLessThanOrEqual(TOLERANCE);
  expect(await agentsIn('late')).toEqual([]);

  worker.signal('SIGTERM');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  const transcript = await transcriptOf(worker.directory, 'long');
  expect(wordErrorRate(thanks.text, transcript?.said('alice') ?? '')).toBeLessThanOrEqual(
    TOLERANCE,
  );
  await expect.poll(() => agentsIn('long'), PATIENCE).toEqual([]);
  for (const person of [alice, late]) await person.hangUp();
  await listener.close();
});

test('a worker with a name, configured by .env alone, comes only where it is called by it', async () => {
  const named = await startTestWorker({
    env: { LIVEKIT_AGENT_NAME: 'a-name-of-the-framework' },
    dotenv: { ...scene.workerEnv, AGENT_NAME: 'by-name', TRANSCRIPT_DIR: '' },
  });
  await named.ready();
  const uncalled = await scene.listen('uncalled');
  const called = await scene.listen('called');
  const { url, apiKey, apiSecret } = scene.livekit;
  const dispatch = new AgentDispatchClient(url.replace(/^ws/, 'http'), apiKey, apiSecret);
  await dispatch.createDispatch('called', 'by-name');
  await expect.poll(() => called.state, PATIENCE).toBe('live');
  expect(uncalled.captioners).toEqual([]);
  for (const listener of [called, uncalled]) await listener.close();
  expect(await named.stop()).toEqual({ code: 0, signal: null });
  expect(await readdir(named.directory)).not.toContain('transcripts');
  await named.close();
});
