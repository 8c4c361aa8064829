import { afterAll, beforeAll, expect, test } from 'vitest';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { findPrometheus, type Prometheus, startPrometheus } from '../../src/devkit/prometheus.js';
import { createExactRecogniser } from '../../src/devkit/pulse-server/exact/index.js';
import { alertRules, dashboardQueries } from '../support/deployed.js';
import { expectWords } from '../support/exact-speech.js';
import type { Listener } from '../support/listener.js';
import { type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.js';
import { type Scene, startScene } from '../support/scene.js';
import type { TestWorker } from '../support/worker.js';

const PATIENCE = { timeout: 30_000, interval: 200 };
/** What `expectWords` says. */
const WORDS = 5;

const programs = findPrometheus();
let scene: Scene;
let worker: TestWorker;
let address: string;
let listener: Listener;
let prometheus: Prometheus | undefined;
let collector: OtlpCollector;

beforeAll(async () => {
  scene = await startScene(createExactRecogniser());
  address = `127.0.0.1:${await freeTcpPort()}`;
  collector = await startOtlpCollector();
  worker = await scene.startWorker({
    HEALTH_PORT: address.split(':')[1] ?? '',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '500',
  });
  if (programs) {
    const rules = await alertRules({ atOnce: true });
    prometheus = await startPrometheus(programs.prometheus, [address], rules);
  }
  listener = await scene.listen('meeting');
});
afterAll(async () => {
  await prometheus?.close();
  await scene.close();
  await collector.close();
});

/** Of one series, as the worker writes it. */
async function valueOf(series: string): Promise<number | undefined> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

test('a worker says that it is ready, and what its rooms have done in their processes', async () => {
  await expect.poll(() => listener.state, PATIENCE).toBe('live');
  await expectWords(scene.livekit, scene.pulse, 'meeting', listener, 'alice');
  expect((await fetch(`http://${address}/readyz`)).status).toBe(200);
  await expect.poll(() => valueOf('captions_words_total'), PATIENCE).toBe(WORDS);
  expect(await valueOf('captions_rooms{state="live"}')).toBe(1);
  expect(await valueOf('captions_transcripts_running')).toBe(1);
  expect(await valueOf('captions_registered')).toBe(1);
  const delivered = 'captions_caption_overhead_seconds_count{output="data",kind="final"}';
  await expect.poll(() => valueOf(delivered), PATIENCE).toBeGreaterThan(0);
  // Counted every five seconds of it, and at the end of a connection.
  await expect
    .poll(() => valueOf('captions_audio_sent_seconds_total'), PATIENCE)
    .toBeGreaterThan(1);
});

test('the connection that somebody spoke over is traced', async () => {
  const names = () => collector.spans.map(({ name }) => name);
  await expect.poll(names, PATIENCE).toContain('captions.connection');
});

test('every query of the dashboard has data, and no alert fires', async (context) => {
  if (!prometheus) return context.skip('There is no prometheus: install it to run this test.');
  for (const { panel, query } of await dashboardQueries('10s')) {
    await expect
      .poll(async () => (await prometheus?.query(query))?.length, {
        ...PATIENCE,
        message: `${panel}: ${query}`,
      })
      .toBeGreaterThan(0);
  }
  // Without their `for`, one may fire while a line waits for the disk.
  await expect.poll(() => prometheus?.firing(), PATIENCE).toEqual([]);
});

test('what a process has counted outlives it, and its death raises an alert', async () => {
  const sid = (await scene.livekit.rooms.listRooms(['meeting']))[0]?.sid ?? '';
  worker.signalRoomProcess(sid, 'SIGKILL');
  await expect.poll(() => valueOf('captions_room_processes_died_total'), PATIENCE).toBe(1);
  expect(await valueOf('captions_words_total')).toBe(WORDS);
  await expect.poll(() => valueOf('captions_rooms{state="live"}'), PATIENCE).toBe(1);
  await expectWords(scene.livekit, scene.pulse, 'meeting', listener, 'bob');
  await expect.poll(() => valueOf('captions_words_total'), PATIENCE).toBe(2 * WORDS);
  if (!prometheus) return;
  await expect.poll(() => prometheus?.firing(), PATIENCE).toContain('CaptionsProcessesDie');
});

test('without LiveKit and Pulse a worker is not ready, and alerts say why', async () => {
  await scene.pulse.close();
  await scene.livekit.close();
  const ready = async () => (await fetch(`http://${address}/readyz`)).status;
  await expect.poll(ready, PATIENCE).toBe(503);
  expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
  await expect.poll(() => valueOf('captions_pulse_reachable'), PATIENCE).toBe(0);
  if (!prometheus) return;
  await expect
    .poll(() => prometheus?.firing(), PATIENCE)
    .toEqual(expect.arrayContaining(['CaptionsNotRegistered', 'CaptionsPulseUnreachable']));
});
