import { afterAll, beforeAll, expect, test } from 'vitest';
import { speakingAgent } from '../support/agent.js';
import { finalText, type Listener } from '../support/listener.js';
import { recordings, textOf } from '../support/recordings.js';
import { type Scene, startScene } from '../support/scene.js';
import { transcriptOf } from '../support/transcripts.js';
import { wordErrorRate } from '../support/wer.js';
import type { TestWorker } from '../support/worker.js';

const PATIENCE = { timeout: 30_000, interval: 100 };
const TOLERANCE = 0.15;

let scene: Scene;
let worker: TestWorker;

beforeAll(async () => {
  scene = await startScene();
  worker = await scene.startWorker();
});
afterAll(() => scene.close());

/** Both outputs that rtc-node can receive have the text of each, and say whose it is. */
async function expectCaptions(listener: Listener, spoken: Record<string, string>): Promise<void> {
  for (const output of ['streams', 'data'] as const) {
    for (const [identity, text] of Object.entries(spoken)) {
      await expect
        .poll(() => wordErrorRate(text, finalText(listener[output], identity)), {
          ...PATIENCE,
          message: `word errors of ${identity} in ${output}`,
        })
        .toBeLessThanOrEqual(TOLERANCE);
    }
  }
}

test('two people who talk at once are captioned apart, to the last word before one hangs up', async () => {
  const [maya1, maya3, tom1, tom3, ewan1] = await recordings(
    'maya-1', 'maya-3', 'tom-1', 'tom-3', 'ewan-1',
  ); // prettier-ignore
  if (!maya1 || !maya3 || !tom1 || !tom3 || !ewan1) throw new Error('recordings are missing');
  const listener = await scene.listen('meeting');
  await expect.poll(() => listener.state, PATIENCE).toBe('live');
  const [captioner] = listener.captioners;
  expect(captioner?.attributes).toMatchObject({ 'captions.v': '1', 'captions.languages': 'en' });
  expect(captioner?.trackPublications.size).toBe(0);

  const alice = await scene.join('meeting', 'alice', { name: 'Alice Ng' });
  const bob = await scene.join('meeting', 'bob', { name: 'Bob', source: 'screen_share_audio' });
  await expect.poll(() => scene.pulse.stats.current, PATIENCE).toBe(2);
  const tracks = { alice: alice.trackSid, bob: bob.trackSid };
  const [agent] = await Promise.all([
    speakingAgent(scene.livekit, 'meeting', ewan1),
    (async () => {
      await alice.speak(maya1.samples, maya1.sampleRate);
      await alice.speak(maya3.samples, maya3.sampleRate);
      await alice.hangUp();
    })(),
    bob.speak(tom1.samples, tom1.sampleRate),
    bob.speak(tom3.samples, tom3.sampleRate),
  ]);

  const spoken = { alice: textOf(maya1, maya3), bob: textOf(tom1, tom3) };
  await expectCaptions(listener, spoken);
  expect(scene.pulse.stats.peak).toBe(2);
  for (const { identity, track } of [...listener.streams, ...listener.data]) {
    expect(track).toBe(tracks[identity as keyof typeof tracks]);
  }
  expectOrder(listener);

  await bob.leave();
  await agent.leave();
  await listener.close();
  await expectTranscript(spoken);
});

/** Of one segment each state is newer than the one before, and nothing follows its final. */
function expectOrder(listener: Listener): void {
  const last = new Map<string, { rev: number; final: boolean }>();
  for (const { id, rev, final } of listener.data) {
    const before = last.get(id);
    expect(before?.final ?? false).toBe(false);
    expect(rev).toBeGreaterThan(before?.rev ?? -1);
    last.set(id, { rev, final });
  }
}

async function expectTranscript(spoken: Record<string, string>): Promise<void> {
  await expect.poll(() => transcriptOf(worker.directory, 'meeting'), PATIENCE).toBeDefined();
  const transcript = await transcriptOf(worker.directory, 'meeting');
  for (const [identity, text] of Object.entries(spoken)) {
    expect(wordErrorRate(text, transcript?.said(identity) ?? '')).toBeLessThanOrEqual(TOLERANCE);
  }
  const kinds = transcript?.lines.map(({ type, identity = '' }) => `${type} ${identity}`.trim());
  expect(kinds).toEqual(expect.arrayContaining(['joined alice', 'left alice', 'joined bob']));
  expect(kinds).not.toContain('joined another-agent');
  expect(kinds?.at(-1)).toBe('closed');
  expect(transcript?.vtt).toMatch(/^WEBVTT/);
  expect(transcript?.vtt).toContain('<v Alice Ng>');
  expect(transcript?.vtt).toContain('<v Bob (screen)>');
}

test('the log holds neither what was said, nor names, nor keys, and no error', () => {
  const text = [...worker.printed, ...worker.log.map((line) => JSON.stringify(line))].join('\n');
  expect(text).not.toMatch(/library|windows|neighbou?rs|Alice|alice|key-of-the-test/);
  expect(text).not.toContain(scene.livekit.apiSecret);
  expect(worker.log.filter(({ level }) => level >= 40)).toEqual([]);
  expect(worker.log.some(({ room }) => room?.startsWith('RM_'))).toBe(true);
});
