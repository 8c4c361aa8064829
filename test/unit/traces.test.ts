import { afterEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logging.js';
import { RoomProcessMetrics } from '../../src/metrics/room-process-metrics.js';
import { PulseError } from '../../src/pulse/errors.js';
import { Traces } from '../../src/tracing/traces.js';
import { captionerOf, FakeRoom } from '../support/fake-room.js';
import { type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.js';

let collector: OtlpCollector | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await collector?.close();
});

/** Where the environment says that traces go. */
async function collect(): Promise<OtlpCollector> {
  collector = await startOtlpCollector();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  return collector;
}

/** Somebody speaks over two connections, of which the first breaks. */
async function speak(traces: Traces): Promise<void> {
  const metrics = new RoomProcessMetrics();
  const room = new FakeRoom();
  const observed = traces.openRoom('RM_traced', metrics.openRoom());
  const captioner = captionerOf(room, {
    metrics: observed,
  });
  await captioner.start();
  room.publish(room.join('alice', 'Alice Ng'), 'TR_1');
  const [stream] = room.streams;
  stream?.emit({ type: 'connection', state: 'connecting' });
  stream?.emit({ type: 'connection', state: 'live' });
  const said = { start: 0, end: 500, words: [], continuesWord: false, endOfTurn: true };
  stream?.emit({ type: 'final', text: 'good morning everyone.', ...said });
  const error = new PulseError('dropped', 'gone');
  stream?.emit({ type: 'connection', state: 'waiting', error });
  stream?.emit({ type: 'connection', state: 'connecting' });
  await captioner.end();
  observed.close();
  metrics.close();
}

test('a room is a span, and each connection to Pulse one in it', async () => {
  const collected = await collect();
  const traces = new Traces(createLogger('silent'));
  await speak(traces);
  await traces.close();
  await traces.close();
  const { bodies, spans } = collected;
  const room = spans.find(({ name }) => name === 'captions.room');
  expect(room?.attributes).toContainEqual({
    key: 'captions.room',
    value: { stringValue: 'RM_traced' },
  });
  expect(room?.events.map(({ name }) => name)).toContain('captions are live');
  const connections = spans.filter(({ name }) => name === 'captions.connection');
  expect(connections.map(({ parentSpanId }) => parentSpanId)).toEqual([room?.spanId, room?.spanId]);
  expect(connections[0]?.status).toMatchObject({ code: 2, message: 'dropped' });
  expect(connections[1]?.status.code ?? 0).toBe(0);
  expect(bodies.join('')).toContain('livekit-pulse-captions');
  expect(bodies.join('')).not.toMatch(/alice|morning/i);
});

test('a collector that is away is told of once, and nothing waits for it for long', async () => {
  await (await collect()).close();
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '300');
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
  const traces = new Traces(logger);
  await speak(traces);
  await traces.close();
  expect(lines.filter((line) => line.includes('OTEL_EXPORTER_OTLP_ENDPOINT'))).toHaveLength(1);
}, 20_000);
