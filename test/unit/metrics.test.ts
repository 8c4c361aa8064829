import { DisconnectReason } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logging.js';
import { RoomProcessMetrics } from '../../src/metrics/room-process-metrics.js';
import { writeSnapshots } from '../../src/metrics/snapshot.js';
import { WorkerMetrics } from '../../src/metrics/worker-metrics.js';
import { PulseError } from '../../src/pulse/errors.js';
import type { PulseEvent } from '../../src/pulse/events.js';
import { newCounters } from '../../src/transcript/store/status.js';
import { captionerOf, FakeRoom, MESSAGES_ALONE } from '../support/fake-room.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function measured(): RoomProcessMetrics {
  const metrics = new RoomProcessMetrics();
  closing.push(() => metrics.close());
  return metrics;
}

/** Values by `name{labels}`, as they are written. */
async function valuesOf(metrics: RoomProcessMetrics): Promise<Map<string, number>> {
  return parse(await writeSnapshots([await metrics.snapshot()]));
}

function parse(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

/** A captioner of a room without a network, counted. */
async function captionedRoom(metrics: RoomProcessMetrics, logger = createLogger('silent')) {
  const room = new FakeRoom();
  const counted = metrics.openRoom();
  const captioner = captionerOf(room, {
    config: { ...MESSAGES_ALONE, cost: { ratePerHour: 0.72 } },
    metrics: counted,
    logger,
  });
  await captioner.start();
  const publication = room.publish(room.join('alice', 'Alice'), 'TR_alice');
  const [stream] = room.streams;
  if (!stream) throw new Error('no stream was opened');
  const say = (event: PulseEvent) => stream.emit(event);
  return { room, captioner, counted, publication, stream, say };
}

const said = (type: 'interim' | 'final', text: string, end: number): PulseEvent =>
  type === 'interim'
    ? { type, text, start: 0, end, words: [] }
    : { type, text, start: 0, end, words: [], continuesWord: false, endOfTurn: true };

test('a process shows its rooms, tracks and streams as they are now', async () => {
  const metrics = measured();
  const before = await valuesOf(metrics);
  expect(before.get('captions_rooms{state="live"}')).toBe(0);
  const one = await captionedRoom(metrics);
  const other = await captionedRoom(metrics);
  one.say({ type: 'connection', state: 'connecting' });
  other.say({ type: 'connection', state: 'waiting', error: new PulseError('dropped', 'gone') });
  const during = await valuesOf(metrics);
  expect(during.get('captions_rooms{state="live"}')).toBe(1);
  expect(during.get('captions_rooms{state="degraded"}')).toBe(1);
  expect(during.get('captions_tracks')).toBe(2);
  expect(during.get('captions_streams{state="connecting"}')).toBe(1);
  expect(during.get('captions_streams{state="waiting"}')).toBe(1);

  await one.captioner.end();
  one.counted.close();
  other.room.setMetadata({ captions: { enabled: false } });
  const after = await valuesOf(metrics);
  expect(after.get('captions_rooms{state="live"}')).toBe(0);
  expect(after.get('captions_rooms{state="paused"}')).toBe(1);
  expect(after.get('captions_tracks')).toBe(0);
});

test('what was said is counted, with how long each part of the way took', async () => {
  const metrics = measured();
  const { room, captioner, say } = await captionedRoom(metrics);
  say({ type: 'speech_started', at: 1000 });
  say(said('interim', 'good', 0));
  await expect.poll(() => room.published.length).toBe(1);
  say(said('final', 'good morning everyone.', 0));
  say({ type: 'speech_ended', at: 3500 });
  say({ type: 'usage', audioMs: 5000 });
  await expect.poll(() => room.published.length).toBe(2);
  await captioner.end();
  const values = await valuesOf(metrics);
  expect(values.get('captions_words_total')).toBe(3);
  expect(values.get('captions_segments_total')).toBe(1);
  expect(values.get('captions_revisions_total')).toBe(2);
  expect(values.get('captions_speech_seconds_total')).toBe(2.5);
  expect(values.get('captions_audio_sent_seconds_total')).toBe(5);
  expect(values.get('captions_cost_total')).toBeCloseTo(0.001, 6);
  for (const kind of ['interim', 'final']) {
    const overhead = `captions_caption_overhead_seconds_count{output="data",kind="${kind}"}`;
    expect(values.get(overhead)).toBe(1);
    expect(values.get(`captions_recogniser_latency_seconds_count{kind="${kind}"}`)).toBe(1);
  }
});

test('outages are counted by their cause, with what they cost', async () => {
  const metrics = measured();
  const { captioner, say } = await captionedRoom(metrics);
  say({ type: 'connection', state: 'waiting', error: new PulseError('dropped', 'gone') });
  say({ type: 'connection', state: 'waiting', error: new PulseError('no_stream', 'full') });
  say({ type: 'gap', start: 1000, end: 4000 });
  say({ type: 'connection', state: 'connecting' });
  say({ type: 'connection', state: 'live' });
  say({ type: 'connection', state: 'failed', error: new PulseError('unauthorized', 'no') });
  const values = await valuesOf(metrics);
  expect(values.get('captions_reconnects_total{cause="dropped"}')).toBe(1);
  expect(values.get('captions_reconnects_total{cause="no_stream"}')).toBe(1);
  expect(values.get('captions_reconnects_total{cause="silent"}')).toBe(0);
  expect(values.get('captions_stream_failures_total{cause="unauthorized"}')).toBe(1);
  expect(values.get('captions_gaps_total')).toBe(1);
  expect(values.get('captions_gap_seconds_total')).toBe(3);
  expect(values.get('captions_catch_up_seconds_count')).toBe(1);
  await captioner.end();
});

test('captions that LiveKit does not take are counted', async () => {
  const metrics = measured();
  const { room, captioner, say } = await captionedRoom(metrics);
  room.localParticipant.publishData = () => Promise.reject(new Error('the channel is full'));
  say(said('interim', 'good', 0));
  await expect
    .poll(async () =>
      (await valuesOf(metrics)).get(
        'captions_publish_failures_total{output="data",code="send_failed"}',
      ),
    )
    .toBe(1);
  room.disconnect();
  await captioner.ended;
});

test.each([
  ['is lost, and people may wait for them', DisconnectReason.SIGNAL_CLOSE, 2],
  ['ends with its room', DisconnectReason.ROOM_DELETED, 0],
])('finals are counted as lost when the connection %s: %i', async (_how, reason, lost) => {
  const metrics = measured();
  const { room, captioner, stream, say } = await captionedRoom(metrics);
  room.localParticipant.publishData = () => Promise.reject(new Error('the engine is closed'));
  const failures = async (code: string) =>
    (await valuesOf(metrics)).get(`captions_publish_failures_total{output="data",code="${code}"}`);
  say(said('final', 'on its way.', 0));
  await expect.poll(() => failures('send_failed')).toBe(1);
  stream.onEnd = () => say(said('final', 'the last words.', 9000));
  room.disconnect(reason);
  await captioner.ended;
  expect(await failures('final_lost')).toBe(lost);
});

test.each([
  ['stays', undefined, 1],
  ['is lost', DisconnectReason.SIGNAL_CLOSE, 1],
  ['is over, which the captioner hears a moment later', DisconnectReason.ROOM_DELETED, 0],
])('what cannot be sent is an error in the log when the room %s', async (_how, reason, errors) => {
  const metrics = measured();
  const lines: string[] = [];
  const logger = createLogger('error', { write: (line) => void lines.push(line) });
  const { room, captioner, say } = await captionedRoom(metrics, logger);
  const tried = vi.fn((): Promise<void> => Promise.reject(new Error('the engine is closed')));
  room.localParticipant.publishData = tried;
  say(said('interim', 'on its way', 0));
  await expect.poll(() => tried.mock.calls.length).toBe(1);
  const told = () => lines.filter((line) => line.includes('"send_failed"')).length;
  if (reason === undefined) {
    await expect.poll(told).toBe(errors);
    tried.mockImplementation(() => Promise.resolve());
    await captioner.end();
  } else {
    room.disconnect(reason);
    await captioner.ended;
  }
  expect(told()).toBe(errors);
});

test('no label names a room or a person, whoever they are', async () => {
  const metrics = measured();
  const { room, say } = await captionedRoom(metrics);
  say(said('final', 'good morning everyone.', 0));
  await expect.poll(() => room.published.length).toBe(1);
  const text = await writeSnapshots([await metrics.snapshot()]);
  expect(text).not.toMatch(/alice|TR_|RM_|room-name|morning/i);
});

const NOBODY = {
  registered: true,
  pulseReachable: false,
  load: 0.25,
  full: false,
  draining: false,
  roomProcesses: 1,
  joining: 0,
  uncaptioned: 0,
  maxStreams: 100,
};

test('a worker adds up its processes, and keeps the counts of those that have ended', async () => {
  const worker = new WorkerMetrics(() => NOBODY);
  closing.push(() => worker.close());
  const [ended, running] = [measured(), measured()];
  const rooms = [await captionedRoom(ended), await captionedRoom(running)];
  for (const { say } of rooms) {
    say(said('final', 'good morning everyone.', 0));
    say({ type: 'connection', state: 'live' });
  }
  const snapshots = [await ended.snapshot(), await running.snapshot()] as const;
  const both = parse(await worker.write(snapshots));
  expect(both.get('captions_words_total')).toBe(6);
  expect(both.get('captions_rooms{state="live"}')).toBe(2);

  worker.processDied();
  worker.retire(snapshots[0]);
  const after = parse(await worker.write([snapshots[1]]));
  expect(after.get('captions_words_total')).toBe(6);
  expect(after.get('captions_recogniser_latency_seconds_count{kind="final"}')).toBe(2);
  expect(after.get('captions_rooms{state="live"}')).toBe(1);
  expect(after.get('captions_streams{state="live"}')).toBe(1);
  expect(after.get('captions_room_processes_died_total')).toBe(1);
  expect(after.get('captions_process_resident_memory_bytes{process="supervisor"}')).toBeGreaterThan(
    0,
  );
});

test('of transcripts that wait, the longest wait of any process is told', async () => {
  const worker = new WorkerMetrics(() => NOBODY);
  const counts = { running: 0, journalBytes: 0, ...newCounters() };
  const processes = [90_000, 0, 4000].map(
    (oldestWaitingMs) => new RoomProcessMetrics(() => ({ ...counts, waiting: 1, oldestWaitingMs })),
  );
  closing.push(() => [worker, ...processes].forEach((one) => one.close()));
  const snapshots = await Promise.all(processes.map((one) => one.snapshot()));
  const values = parse(await worker.write(snapshots));
  expect(values.get('captions_transcripts_waiting')).toBe(3);
  expect(values.get('captions_transcripts_oldest_waiting_seconds')).toBe(90);
});

test('a worker shows what it is and how it is', async () => {
  const worker = new WorkerMetrics(() => NOBODY);
  closing.push(() => worker.close());
  worker.captionerEnded('lost');
  const text = await worker.write([]);
  const values = parse(text);
  expect(text).toMatch(/captions_build_info\{version="[\d.]+",node="v\d+[\d.]+"\} 1/);
  expect(values.get('captions_registered')).toBe(1);
  expect(values.get('captions_pulse_reachable')).toBe(0);
  expect(values.get('captions_worker_load')).toBe(0.25);
  expect(values.get('captions_streams_limit')).toBe(100);
  expect(values.get('captions_captioners_ended_total{reason="lost"}')).toBe(1);
  expect(values.get('captions_captioners_ended_total{reason="failed"}')).toBe(0);
});
