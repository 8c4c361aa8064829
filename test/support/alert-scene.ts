import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RoomAgentDispatch } from 'livekit-server-sdk';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { type Prometheus, startPrometheus } from '../../src/devkit/prometheus.js';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { type S3Server, s3ServerPath, startS3Server } from '../../src/devkit/s3-server.js';
import type { Speaker } from '../../src/devkit/speaker.js';
import { containerEnv, readChartEnv } from './chart-env.js';
import { alertRules } from './deployed.js';
import { startHttpProxy } from './http-proxy.js';
import { type Scene, startScene } from './scene.js';
import { smallDisk, type SmallDisk } from './small-disk.js';
import { startReceiver, type TestReceiver } from './webhook-receiver.js';
import type { TestWorker } from './worker.js';

const RATE = 16_000;
const PATIENCE_MS = 100_000;
const LOOK_MS = 250;
const DISK_BYTES = 8 * 1024 * 1024;
/** A caption ends with each sentence, so that finals come all the time. */
const EXACT = { sentenceWords: 4 };
/** More than a minute and a half: longer than any cause has to be there. */
const WORDS = Array.from({ length: 260 }, (_, index) => index % 200);

/** The workers of the scene by their agents' names; each has the rooms that are dispatched to it. */
export type WorkerName = 'captions' | 'cut-off' | 'slow' | 'one-stream';

/**
 * Four workers that one Prometheus watches by the rules of `deploy/`, with all that they depend on, so that everything
 * that can befall them can:
 * - `captions` has the environment of the chart, a store, a webhook, a small disk, and a process for each room;
 * - `cut-off` reaches LiveKit by a proxy;
 * - `slow` and `one-stream` have a Pulse of their own each: the first with a store and a webhook, too, and all rooms in
 *   one process; the second with one stream.
 */
export interface AlertScene extends Scene {
  readonly prometheus: Prometheus;
  readonly workers: Readonly<Record<WorkerName, TestWorker>>;
  /** Those of `slow` and of `one-stream`. The others have `pulse`. */
  readonly pulseOfSlow: PulseServer;
  readonly pulseOfOne: PulseServer;
  /** Undefined where this user may not mount one. */
  readonly disk: SmallDisk | undefined;
  /** Undefined where it is not installed: there is no answer at its address then. */
  readonly store: S3Server | undefined;
  readonly webhook: TestReceiver;
  /** From now on the proxy breaks and refuses connections to rooms; what the supervisor itself needs passes. */
  cutRooms(): void;
  /** From now on nothing passes the proxy. */
  cutAll(): Promise<void>;
  /** Makes a room that a worker's captioner is called to. @returns its sid */
  openRoom(room: string, worker: WorkerName): Promise<string>;
  /** Somebody comes and talks all the time. */
  talkIn(room: string, identity?: string): Promise<Speaker>;
  /** Resolves when the sum of a metric over all workers is above zero. @throws Error when it is not */
  grows(metric: string): Promise<void>;
  /** Resolves when all of these alerts fire or have fired. @throws Error when they do not */
  raises(...alerts: readonly string[]): Promise<void>;
  /** Resolves when an alert fires now, or does not. @throws Error when it stays otherwise */
  firing(alert: string, fires: boolean): Promise<void>;
}

export async function startAlertScene(prometheusPath: string): Promise<AlertScene> {
  const scene = await startScene(createExactRecogniser(EXACT));
  const speech = encodeWords(WORDS, { sampleRate: RATE, wordMs: 320, marginMs: 400 });
  const opened: (() => Promise<unknown>)[] = [() => scene.close()];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const { livekit } = scene;
    const ports: Record<WorkerName, number> = {
      captions: await freeTcpPort(),
      'cut-off': await freeTcpPort(),
      slow: await freeTcpPort(),
      'one-stream': await freeTcpPort(),
    };
    const targets = Object.values(ports).map((port) => `127.0.0.1:${port}`);
    const rules = await alertRules({ hurried: true });
    const prometheus = await startPrometheus(prometheusPath, targets, rules);
    opened.push(() => prometheus.close());
    const apiKey = scene.workerEnv['SMALLEST_API_KEY'] ?? '';
    const openPulse = async () => {
      const recogniser = createExactRecogniser(EXACT);
      const pulse = await startPulseServer({ recogniser, apiKey });
      opened.push(() => pulse.close());
      return pulse;
    };
    const pulseOfSlow = await openPulse();
    const pulseOfOne = await openPulse();
    let roomsCut = false;
    const proxy = await startHttpProxy({
      port: livekit.port,
      answer: (path) =>
        roomsCut && path.startsWith('/rtc') ? { status: 503, body: 'away' } : undefined,
    });
    opened.push(() => proxy.close());
    const webhook = await startReceiver(livekit);
    opened.push(() => webhook.close());
    const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    opened.push(() => rm(folder, { recursive: true, force: true }));
    const disk = await smallDisk(DISK_BYTES);
    if (disk) opened.push(() => disk.close());
    const transcripts = disk?.dir ?? folder;
    const store = await startStore(folder);
    if (store) opened.push(() => store.close());

    const places = {
      ...(store?.env ?? { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', ...NO_CREDENTIALS }),
      WEBHOOK_URL: webhook.url,
      WEBHOOK_SEGMENTS: 'true',
    };
    const [captions, cutOff, slow, oneStream] = await Promise.all([
      scene.startWorker({
        ...(await chartEnv(scene)),
        ...places,
        HEALTH_PORT: String(ports.captions),
        TRANSCRIPT_DIR: transcripts,
        TRANSCRIPT_KEEP_DAYS: '1',
        // What befalls one room leaves the others alone.
        ROOMS_PER_PROCESS: '1',
      }),
      scene.startWorker({
        LIVEKIT_URL: `ws://127.0.0.1:${proxy.port}`,
        AGENT_NAME: 'cut-off',
        HEALTH_PORT: String(ports['cut-off']),
      }),
      scene.startWorker({
        SMALLEST_BASE_URL: pulseOfSlow.url,
        AGENT_NAME: 'slow',
        TRANSCRIPT_STORE: 's3://calls/slow',
        ...places,
        HEALTH_PORT: String(ports.slow),
      }),
      scene.startWorker({
        SMALLEST_BASE_URL: pulseOfOne.url,
        PULSE_MAX_STREAMS: '1',
        AGENT_NAME: 'one-stream',
        HEALTH_PORT: String(ports['one-stream']),
      }),
    ]);

    await until('not every worker has a room process', async () => {
      const measured = await prometheus.query('captions_transcripts_running');
      return measured.length === targets.length;
    });
    // For the next process that begins: what is too old.
    await writeFile(join(transcripts, 'RM_old_20200101T000000000Z.vtt'), 'WEBVTT');

    return {
      ...scene,
      prometheus,
      workers: { captions, 'cut-off': cutOff, slow, 'one-stream': oneStream },
      pulseOfSlow,
      pulseOfOne,
      disk,
      store,
      webhook,
      cutRooms() {
        roomsCut = true;
        proxy.cut();
      },
      cutAll: () => proxy.close(),
      async openRoom(name, worker) {
        const agents = [new RoomAgentDispatch({ agentName: worker })];
        const { sid } = await livekit.rooms.createRoom({ name, agents, departureTimeout: 1 });
        return sid;
      },
      async talkIn(room, identity = `${room}-speaker`) {
        const speaker = await scene.join(room, identity);
        void speaker.speak(speech, RATE);
        return speaker;
      },
      grows: (metric) =>
        until(`${metric} stays at zero`, async () => {
          const [sum] = await prometheus.query(`sum(${metric})`);
          return (sum?.value ?? 0) > 0;
        }),
      raises: (...alerts) =>
        until(`not all fire of ${alerts.join(', ')}`, async () => {
          const fired = await prometheus.fired();
          return alerts.every((alert) => fired.includes(alert));
        }),
      firing: (alert, fires) =>
        until(`${alert} ${fires ? 'does not fire' : 'fires on'}`, async () => {
          return (await prometheus.firing()).includes(alert) === fires;
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As `expect.poll`, which tests that run side by side cannot share. */
async function until(fault: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(fault);
    await sleep(LOOK_MS);
  }
}

const NO_CREDENTIALS = { AWS_REGION: 'a', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'a' };

async function startStore(folder: string): Promise<S3Server | undefined> {
  const binary = s3ServerPath();
  const installed = await access(binary).then(
    () => true,
    () => false,
  );
  return installed ? startS3Server({ binary, folder, bucket: 'calls' }) : undefined;
}

/** As the chart has it, with this machine's servers in place of the cluster's. */
async function chartEnv({ livekit, workerEnv }: Scene): Promise<Record<string, string>> {
  const secret = {
    key: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    SMALLEST_API_KEY: workerEnv['SMALLEST_API_KEY'] ?? '',
  };
  return { ...containerEnv(await readChartEnv(), { captions: secret }), LIVEKIT_URL: livekit.url };
}
