import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type PulseServer,
  ScriptedRecogniser,
  scriptedWords,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { BareClient, refusal } from '../support/alphabet-client.js';

const SECOND = new Int16Array(16_000);
const ok = { model: 'pulse', language: 'en' };

let recogniser: ScriptedRecogniser;
let server: PulseServer;

beforeEach(async () => {
  recogniser = new ScriptedRecogniser();
  server = await startPulseServer({ recogniser });
});

afterEach(() => server.close());

async function open(query: Record<string, string> = {}) {
  const session = recogniser.next();
  const client = await BareClient.open(server.url, query);
  return { client, session: await session };
}

/** True when a round trip through the stream works. */
async function answers(client: BareClient): Promise<boolean> {
  const before = client.messages.length;
  client.command('keepalive');
  await client.until(() => client.messages.length > before);
  return client.messages.at(-1)?.type === 'pong';
}

test('resetAll: every open stream breaks without a close frame, and a new one works', async () => {
  const both = [await open(), await open()];
  server.faults.resetAll();
  for (const { client } of both) expect((await client.closed()).code).toBe(1006);
  const { client } = await open();
  expect(await answers(client)).toBe(true);
  expect(server.stats).toMatchObject({ opened: 3, current: 1, peak: 2 });
});

test('resetAfterAudio: a stream breaks when it has sent so much, so many times', async () => {
  server.faults.resetAfterAudio(700, 1);
  const { client } = await open();
  client.send(SECOND);
  expect((await client.closed()).code).toBe(1006);
  expect(server.stats.streams[0]?.audioMs).toBe(700);
  const next = await open();
  next.client.send(SECOND);
  expect((await next.client.finish()).code).toBe(1000);
});

test('resetAtRandom: the moment comes from the generator that was given', async () => {
  const draws = [0, 0.5];
  server.faults.resetAtRandom(200, 800, 2, () => draws.shift() ?? 1);
  for (const expected of [200, 500]) {
    const { client } = await open();
    client.send(SECOND);
    await client.closed();
    expect(server.stats.streams.at(-1)?.audioMs).toBe(expected);
  }
});

test('closeAll: with the code and reason that were asked for', async () => {
  const { client } = await open();
  server.faults.closeAll(1011, 'upstream gone');
  expect(await client.closed()).toEqual({ code: 1011, reason: 'upstream gone' });
});

test('refuse: with a status, Retry-After and request id, as often as asked for', async () => {
  server.faults.refuse({ status: 429, retryAfter: 2, message: 'slow down', count: 2 });
  for (let round = 0; round < 2; round += 1) {
    const answer = await refusal(server.url, ok);
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('2');
    const body: unknown = JSON.parse(answer.body);
    expect(body).toEqual({ error: 'slow down', request_id: answer.headers['x-request-id'] });
  }
  const { client } = await open();
  expect(await answers(client)).toBe(true);
  expect(server.stats.refused).toBe(2);
});

test('refuse: without Retry-After where none was asked for, until it is cleared', async () => {
  server.faults.refuse({ status: 503 });
  const answer = await refusal(server.url, ok);
  expect(answer.status).toBe(503);
  expect(answer.headers).not.toHaveProperty('retry-after');
  server.faults.clear();
  expect(await answers((await open()).client)).toBe(true);
});

test('refuse: for a while', async () => {
  server.faults.refuse({ status: 503, forMs: 30 });
  expect((await refusal(server.url, ok)).status).toBe(503);
  await expect
    .poll(async () => refusal(server.url, { model: 'none' }).then((answer) => answer.status))
    .toBe(400);
});

test('hang: an open stream answers nothing more, not even pings, and stays connected', async () => {
  const { client, session } = await open();
  server.faults.hang({ existing: true });
  client.ws.ping();
  client.command('keepalive');
  client.send(SECOND);
  session.events.final(scriptedWords('never heard'), true);
  // A stream that opened later answers: had the other answered, its answer would be here by now.
  const later = await open();
  expect(await answers(later.client)).toBe(true);
  expect(await answers(later.client)).toBe(true);
  expect(client.raw).toEqual([]);
  expect(client.pongs).toBe(0);
  expect(client.ws.readyState).toBe(client.ws.OPEN);
  expect(session.closed).toBe(true);
  client.ws.terminate();
  await expect.poll(() => server.stats.current).toBe(1);
});

test('hang: streams that open from now on, until it is cleared; old ones go on', async () => {
  const old = await open();
  server.faults.hang({ fresh: true });
  const hung = await open();
  hung.client.ws.ping();
  hung.client.command('close_stream');
  expect(await answers(old.client)).toBe(true);
  server.faults.clear();
  expect(await answers((await open()).client)).toBe(true);
  expect(hung.client.raw).toEqual([]);
  expect(hung.client.pongs).toBe(0);
  server.faults.resetAll();
  expect((await hung.client.closed()).code).toBe(1006);
});

test('hang: before the upgrade is answered', async () => {
  server.faults.hang({ beforeUpgrade: true });
  let opened = false;
  const attempt = BareClient.open(server.url).then(
    () => (opened = true),
    () => undefined,
  );
  const health = await fetch(new URL('/health', server.url));
  expect(health.status).toBe(200);
  expect(opened).toBe(false);
  await server.close();
  await attempt;
  expect(opened).toBe(false);
});

test('stall: nothing is read until it is over, then everything', async () => {
  const { client, session } = await open();
  server.faults.stall();
  client.send(SECOND);
  client.command('keepalive');
  const other = await fetch(new URL('/health', server.url));
  expect(other.status).toBe(200);
  expect(session.samples).toBe(0);
  expect(client.messages).toEqual([]);
  server.faults.stall(false);
  await client.message((message) => message.type === 'pong');
  expect(session.samples).toBe(16_000);
});

test('slowMs: results come later, in order; pongs do not wait', async () => {
  const { client, session } = await open();
  server.faults.slowMs = 60;
  const sent = performance.now();
  session.events.interim(scriptedWords('one'));
  session.events.interim(scriptedWords('one two'));
  server.faults.slowMs = 0;
  session.events.final(scriptedWords('one two three'), true);
  expect(await answers(client)).toBe(true);
  expect(client.messages).toHaveLength(1);
  await client.until(() => client.messages.length === 4);
  expect(performance.now() - sent).toBeGreaterThan(55);
  expect(client.messages.slice(1).map((message) => message.transcript)).toEqual([
    'one',
    'one two',
    'one two three',
  ]);
});

test('withoutLast: close_stream brings a final, but no is_last and no close', async () => {
  server.faults.withoutLast = true;
  const { client, session } = await open();
  session.rest = scriptedWords('the end');
  client.command('close_stream');
  await client.until(() => client.finals.length === 1);
  expect(client.finals[0]).toMatchObject({ transcript: 'the end', is_last: false });
  expect(client.ws.readyState).toBe(client.ws.OPEN);
});

test('junk: before each message something that means nothing, and no result is lost', async () => {
  server.faults.junk = true;
  const { client, session } = await open();
  for (let count = 1; count <= 11; count += 1) {
    session.events.final(scriptedWords(`w${count}`), false);
  }
  await client.finish();
  expect(client.raw).toHaveLength(24);
  expect(new Set(client.raw.map(String)).size).toBeGreaterThan(20);
  expect(client.text.split(' ')).toHaveLength(11);
});

test('streamLimit: streams beyond it are closed with 1008', async () => {
  server.faults.streamLimit = 1;
  const first = await open();
  const second = await BareClient.open(server.url);
  expect((await second.closed()).code).toBe(1008);
  expect(second.messages[0]?.type).toBe('error');
  expect(server.stats).toMatchObject({ opened: 1, limited: 1, peak: 1 });
  await first.client.finish();
  await expect.poll(() => server.stats.current).toBe(0);
  expect(await answers((await open()).client)).toBe(true);
});

test('idleTimeoutMs: a stream without audio and keepalives is closed, one with them is not', async () => {
  server.faults.idleTimeoutMs = 150;
  const idle = await open();
  const kept = await open();
  const keeping = setInterval(() => kept.client.command('keepalive'), 20);
  const closed = await idle.client.closed();
  clearInterval(keeping);
  expect(closed).toEqual({ code: 1000, reason: 'idle' });
  expect(idle.client.messages.at(-1)?.type).toBe('error');
  expect(kept.client.ws.readyState).toBe(kept.client.ws.OPEN);
});

test('speechEndedFirst and speechFinal: the other ways in which servers end a turn', async () => {
  server.faults.speechEndedFirst = true;
  server.faults.speechFinal = true;
  const { client, session } = await open({ vad_events: 'true' });
  session.events.silence(2);
  session.events.final(scriptedWords('so'), false);
  session.events.final(scriptedWords('there'), true);
  session.events.speechEnded(2);
  await client.until(() => client.messages.length === 3);
  expect(client.messages.map((message) => message.type)[0]).toBe('speech_ended');
  expect(client.finals.map((message) => message.speech_final)).toEqual([undefined, true]);
});

test('down and up: nobody listens, open streams go on, and the port stays the same', async () => {
  const { client } = await open();
  const { port } = server;
  server.down();
  await expect(BareClient.open(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(await answers(client)).toBe(true);
  await server.up();
  expect(server.port).toBe(port);
  expect(await answers((await open()).client)).toBe(true);
});

test('counters: what arrived on each stream, without its key', async () => {
  const client = await BareClient.open(
    server.url,
    { external_session_id: 'room-1' },
    { Authorization: 'Bearer secret', 'X-Source': 'captions' },
  );
  client.send(SECOND);
  client.command('finalize');
  await client.finish();
  const [record] = server.stats.streams;
  expect(record).toMatchObject({
    audioMs: 1000,
    commands: ['finalize', 'close_stream'],
    headers: { 'x-source': 'captions' },
  });
  expect(record?.url).toContain('external_session_id=room-1');
  expect(JSON.stringify(record)).not.toContain('secret');
  expect(server.stats.audioMs).toBe(1000);
});
