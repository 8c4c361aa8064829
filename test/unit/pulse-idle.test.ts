import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type PulseServer,
  ScriptedRecogniser,
  scriptedWords,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { type PulseEvent, PulseStream } from '../../src/pulse/index.js';

let recogniser: ScriptedRecogniser;
let server: PulseServer;
beforeEach(async () => {
  recogniser = new ScriptedRecogniser();
  server = await startPulseServer({ recogniser });
});
afterEach(() => server.close());

const second = (): Int16Array => new Int16Array(16_000).fill(1000);

test('a stream without audio closes its connection in order, and the next audio opens another', async () => {
  const events: PulseEvent[] = [];
  const stream = new PulseStream(
    { apiKey: 'key', baseUrl: server.url, vadEvents: true, idleCloseMs: 300 },
    { onEvent: (event) => void events.push(event) },
  );
  const finals = () => events.flatMap((event) => (event.type === 'final' ? event.text : []));
  const states = () => events.flatMap((event) => (event.type === 'connection' ? event.state : []));

  const first = recogniser.next();
  stream.push(second(), 0);
  (await first).rest = scriptedWords('so the plan', 0.1);
  stream.flush();
  await expect.poll(finals).toEqual(['so the plan']);
  await expect.poll(states).toEqual(['connecting', 'live', 'idle']);
  await expect.poll(() => server.stats.current).toBe(0);
  expect(stream.state).toBe('idle');
  expect(server.stats.streams[0]?.commands).toEqual(['finalize', 'close_stream']);

  const next = recogniser.next();
  stream.push(second(), 60_000);
  const session = await next;
  session.rest = scriptedWords('goes on', 0.2);
  await stream.end();
  expect(finals()).toEqual(['so the plan', 'goes on']);
  const last = events.findLast((event) => event.type === 'final');
  expect(last).toMatchObject({ start: 60_200 });
  expect(events.filter((event) => event.type === 'gap')).toEqual([]);
});
