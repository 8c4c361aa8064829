import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AudioSource,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCountingRecogniser } from '../../src/devkit/bench/counting-recogniser.js';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { LiveKitApi } from '../../src/host/livekit-api.js';
import { connectOptions } from '../../src/room/connect-options.js';
import { type Scene, startScene } from '../support/scene.js';

const PATIENCE = { timeout: 30_000, interval: 100 };
const RATE = 16_000;
const TWO_SECONDS = Int16Array.from({ length: 2 * RATE }, (_, i) =>
  Math.round(8000 * Math.sin((2 * Math.PI * 300 * i) / RATE)),
);

let scene: Scene;
beforeAll(async () => {
  scene = await startScene(createCountingRecogniser());
});
afterAll(() => scene.close());

describe.concurrent('least privilege', () => {
  test('a captioner may listen, send data and say how it is; names that are hostile stay names', async () => {
    const roomName = '../../<b>"$(x)\u202e\'%2e';
    const hostileName = '<script>alert(1)</script>\n\n00:00 --> 99:99 \u202eevil';
    const worker = await scene.startWorker();
    const mallory = await scene.join(roomName, '../..\\mallory"<i>', { name: hostileName });
    const listener = await scene.listen(roomName);
    await expect.poll(() => listener.state, PATIENCE).toBe('live');
    await mallory.speak(TWO_SECONDS, RATE);
    await expect.poll(() => listener.data.length, PATIENCE).toBeGreaterThan(0);
    const label = listener.data[0]?.label ?? '';
    expect(label).toContain('alert(1)');
    expect(label).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);

    const participants = await scene.livekit.rooms.listParticipants(roomName);
    const permission = participants.find(({ name }) => name === 'Captions')?.permission;
    expect(permission).toMatchObject({
      ...{ canSubscribe: true, canPublishData: true, canUpdateMetadata: true, agent: true },
      ...{ canPublish: false, canPublishSources: [], hidden: false, recorder: false },
    });

    await mallory.leave();
    await listener.close();
    await worker.stop();
    const folder = join(worker.directory, 'transcripts');
    const files = await readdir(folder);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) expect(file).toMatch(/^RM_\w+_\d{8}T\d{9}Z\.[a-z]+$/);
    const beside = await readdir(worker.directory);
    expect(beside.filter((name) => !name.startsWith('.'))).toEqual(['transcripts']);
    const vtt = await readFile(
      join(folder, files.find((file) => file.endsWith('.vtt')) ?? ''),
      'utf8',
    );
    expect(vtt).not.toMatch(/<script|\u202e/);
    for (const line of vtt.split('\n').filter((one) => one.includes('-->'))) {
      expect(line).toMatch(/^[\d:.]+ --> [\d:.]+( [\w:%,-]+)*$/);
    }
    const logged = JSON.stringify(worker.log) + worker.printed.join('\n');
    for (const said of ['alert', 'mallory', '<b>']) expect(logged).not.toContain(said);
  });

  test('with the token that a worker makes for itself nobody can publish, or ask the server for anything', async () => {
    const { url, apiKey, apiSecret } = scene.livekit;
    const api = new LiveKitApi({
      livekit: { url, apiKey, apiSecret, sharedKey: undefined },
      worker: {
        ...{ agentName: '', roomsPerProcess: 1, maxLoad: 1, maxStreams: undefined },
        ...{ healthPort: 0, drainMs: 0 },
      },
    });
    const token = await api.token('a-room', 'captions-1', 'p1');
    for (const method of [
      'RoomService/ListRooms',
      'RoomService/ListParticipants',
      'Egress/ListEgress',
    ]) {
      const response = await fetch(`${url.replace(/^ws/, 'http')}/twirp/livekit.${method}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ room: 'a-room' }),
      });
      expect([method, response.status >= 400]).toEqual([method, true]);
    }
    const room = new Room();
    await room.connect(url, token, connectOptions());
    try {
      expect(room.name).toBe('a-room');
      const source = new AudioSource(RATE, 1);
      const track = LocalAudioTrack.createAudioTrack('voice', source);
      const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
      await expect(room.localParticipant?.publishTrack(track, options)).rejects.toThrow();
    } finally {
      await room.disconnect();
    }
  });
});

test('secrets are in no log, no list of processes, no answer and no file, whatever goes wrong', async () => {
  const mark = 'S3CR3T';
  const healthPort = await freeTcpPort();
  const secrets = {
    SMALLEST_API_KEY: `sk-${mark}-pulse`,
    E2EE_SHARED_KEY: `${mark}-shared`,
    WEBHOOK_URL: `http://127.0.0.1:9/${mark}-path?key=${mark}-query`,
    AWS_ACCESS_KEY_ID: `${mark}-id`,
    AWS_SECRET_ACCESS_KEY: `${mark}-aws`,
  };
  const worker = await scene.startWorker({
    ...secrets,
    TRANSCRIPT_STORE: 's3://bucket/prefix',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
    HEALTH_PORT: String(healthPort),
    LOG_LEVEL: 'trace',
  });
  const listener = await scene.listen('secrets');
  const alice = await scene.join('secrets', 'alice', { sharedKey: secrets.E2EE_SHARED_KEY });
  await expect.poll(() => listener.state, PATIENCE).toBe('live');
  await alice.speak(TWO_SECONDS, RATE);
  await expect.poll(() => listener.state, PATIENCE).toBe('failed');
  const attributes = JSON.stringify(listener.captioners.map((one) => one.attributes));
  const answers = await Promise.all(
    ['healthz', 'readyz', 'metrics'].map(async (path) =>
      (await fetch(`http://127.0.0.1:${healthPort}/${path}`)).text(),
    ),
  );
  const commands = await commandLines();
  expect(commands).toContain('host/process/main.js');

  await scene.livekit.close();
  await expect
    .poll(() => worker.log.some(({ msg }) => /LiveKit (closed|cannot)/.test(msg)), PATIENCE)
    .toBe(true);
  await worker.stop();
  const folder = join(worker.directory, 'transcripts');
  const files = await Promise.all(
    (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')),
  );
  const everything = {
    log: JSON.stringify(worker.log),
    printed: worker.printed.join('\n'),
    commands,
    attributes,
    answers: answers.join('\n'),
    files: files.join('\n'),
  };
  for (const [where, text] of Object.entries(everything)) {
    for (const secret of [mark, scene.livekit.apiSecret]) {
      expect([where, text.includes(secret)]).toEqual([where, false]);
    }
  }
  // What went wrong was said, by all who had a part in it.
  for (const part of ['SMALLEST_API_KEY', 'WEBHOOK_URL', 's3://bucket', 'LiveKit']) {
    expect(everything.log).toContain(part);
  }
});

/** Of every process on this machine, as anybody who is logged in to it can read them. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.join('\n').replaceAll('\0', ' ');
}
