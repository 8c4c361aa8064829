import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ScriptedRecogniser,
  scriptedWords,
  startPulseServer,
  type PulseServer,
} from '../../src/devkit/pulse-server/index.js';
import {
  PulseError,
  PulseStream,
  type PulseEvent,
  type PulseStreamOptions,
} from '../../src/pulse/index.js';
import { NAME, VERSION } from '../../src/version.js';

let recogniser: ScriptedRecogniser;
let server: PulseServer;

beforeEach(async () => {
  recogniser = new ScriptedRecogniser();
  server = await startPulseServer({ recogniser, apiKey: 'right-key' });
});
afterEach(() => server.close());

/** A stream, what it has told so far, and a way to wait for more. */
function open(options: Partial<PulseStreamOptions> = {}): {
  stream: PulseStream;
  events: PulseEvent[];
  until: (type: PulseEvent['type'], match?: object) => Promise<void>;
} {
  const events: PulseEvent[] = [];
  const waiting: (() => boolean)[] = [];
  const stream = new PulseStream(
    { apiKey: 'right-key', baseUrl: server.url, vadEvents: true, ...options },
    {
      onEvent: (event) => {
        events.push(event);
        for (const check of [...waiting]) if (check()) waiting.splice(waiting.indexOf(check), 1);
      },
    },
  );
  const until = (type: PulseEvent['type'], match: object = {}): Promise<void> =>
    new Promise((resolve) => {
      const check = (): boolean => {
        const found = events.some((event) => event.type === type && matches(event, match));
        if (found) resolve();
        return found;
      };
      if (!check()) waiting.push(check);
    });
  return { stream, events, until };
}

function matches(event: object, expected: object): boolean {
  const entries: [string, unknown][] = Object.entries(event);
  return Object.entries(expected).every(([key, value]) =>
    entries.some(([name, found]) => name === key && found === value),
  );
}

const second = (): Int16Array => new Int16Array(16_000).fill(1000);

/** Everything but what a connection does, which has tests of its own. */
function told(events: readonly PulseEvent[]): PulseEvent[] {
  return events.filter((event) => event.type !== 'connection' && event.type !== 'usage');
}

function errorsOf(events: readonly PulseEvent[]): Error[] {
  return events.flatMap((event) => (event.type === 'connection' ? (event.error ?? []) : []));
}

describe('a stream', () => {
  test('passes on what is said, with times on the clock of the caller', async () => {
    const { stream, events, until } = open({ language: 'en-GB', diarize: true });
    const opened = recogniser.next();
    stream.push(second(), 50_000);
    stream.push(second(), 51_000);
    const session = await opened;
    session.events.speechStarted(0.1);
    session.events.interim(scriptedWords('so the', 0.1));
    await until('interim');
    session.rest = scriptedWords('so the plan', 0.1);
    stream.flush();
    await until('final');
    await stream.end();
    expect(told(events)).toMatchObject([
      { type: 'speech_started', at: 50_100 },
      { type: 'interim', text: 'so the', start: 50_100, end: 51_200 },
      {
        type: 'final',
        text: 'so the plan',
        start: 50_100,
        language: 'en',
        endOfTurn: true,
        words: [{ text: 'so', start: 50_100, end: 50_600 }, { text: 'the' }, { text: 'plan' }],
      },
      { type: 'speech_ended' },
    ]);
    const [record] = server.stats.streams;
    expect(record?.url).toContain('model=pulse&language=en');
    expect(record?.headers).toMatchObject({ 'x-source': NAME, 'x-source-version': VERSION });
    expect(record?.commands).toEqual(['finalize', 'close_stream']);
    expect(record?.audioMs).toBe(2000);
    const usage = events.flatMap((event) => (event.type === 'usage' ? event.audioMs : []));
    expect(usage.reduce((sum, ms) => sum + ms, 0)).toBe(2000);
  });

  test('needs no connection before there is audio, and none to end without', async () => {
    const { stream, events } = open();
    stream.flush();
    await stream.end();
    expect(server.stats.opened).toBe(0);
    expect(events).toEqual([{ type: 'connection', state: 'ended' }]);
  });

  test('delivers the last words of a stream that ends without a flush', async () => {
    const { stream, events } = open();
    const opened = recogniser.next();
    stream.push(second(), 0);
    (await opened).rest = scriptedWords('good bye');
    await stream.end();
    expect(told(events)).toMatchObject([
      { type: 'speech_started' },
      { type: 'final', text: 'good bye', endOfTurn: true },
      { type: 'speech_ended' },
    ]);
  });

  test('does not wait for ever for the last message', async () => {
    server.faults.withoutLast = true;
    const { stream, events } = open({ lastTimeoutMs: 50 });
    stream.push(new Int16Array(16_000), 0);
    await stream.end();
    expect(events.at(-1)).toEqual({ type: 'connection', state: 'ended' });
  });

  test('that is closed drops everything and says nothing more', async () => {
    const { stream, events } = open();
    const opened = recogniser.next();
    stream.push(second(), 0);
    const session = await opened;
    stream.close();
    stream.close();
    const count = events.length;
    session.events.interim(scriptedWords('too late'));
    await stream.end();
    expect(events).toHaveLength(count);
    expect(events.at(-1)).toEqual({ type: 'connection', state: 'ended' });
  });

  test('may be closed, ended and pushed to from its own handler', async () => {
    const reached: string[] = [];
    const stream = new PulseStream(
      { apiKey: 'wrong', baseUrl: server.url },
      {
        onEvent: (event) => {
          if (event.type !== 'connection') return;
          reached.push(event.state);
          if (event.state !== 'failed') return;
          stream.push(second(), 1000);
          stream.close();
        },
      },
    );
    stream.push(second(), 0);
    await stream.end();
    expect(reached).toEqual(['connecting', 'failed', 'ended']);
  });

  test('changes its options by a new connection', async () => {
    const { stream, events, until } = open({ language: 'en' });
    const first = recogniser.next();
    stream.push(second(), 0);
    const session = await first;
    session.rest = scriptedWords('good morning');
    stream.flush();
    await until('final');
    const next = recogniser.next();
    stream.updateOptions({ language: 'fr' });
    stream.push(second(), 1000);
    (await next).rest = scriptedWords('bonjour', 1.3);
    await stream.end();
    expect(server.stats.streams.map((record) => /language=(\w+)/.exec(record.url)?.[1])).toEqual([
      'en',
      'fr',
    ]);
    expect(events.flatMap((event) => (event.type === 'final' ? event.text : []))).toEqual([
      'good morning',
      'bonjour',
    ]);
    expect(() => stream.updateOptions({ language: 'klingon' })).toThrow(PulseError);
  });
});

describe('a refusal', () => {
  test.each([
    ['a wrong key', 'wrong-key', '/waves/v1', 'unauthorized'],
    ['a wrong address', 'right-key', '/elsewhere', 'protocol'],
  ])('%s ends the stream at once and says why', async (_, apiKey, path, code) => {
    const baseUrl = `http://127.0.0.1:${server.port}${path}`;
    const { stream, events, until } = open({ apiKey, baseUrl });
    stream.push(second(), 0);
    await until('connection', { state: 'failed' });
    const failed = events.find((event) => event.type === 'connection' && event.error !== undefined);
    expect(failed).toMatchObject({ state: 'failed', error: { code, retryable: false } });
    expect(
      JSON.stringify(failed) + String(failed?.type === 'connection' && failed.error),
    ).not.toMatch(/wrong-key/);
    expect(server.stats.opened).toBe(0);
  });

  test('that passes is waited for, and nothing is lost', async () => {
    server.faults.refuse({ status: 503, count: 1 });
    const { stream, events } = open();
    const opened = recogniser.next();
    stream.push(second(), 0);
    const session = await opened;
    session.rest = scriptedWords('still here');
    await stream.end();
    expect(errorsOf(events)).toMatchObject([{ code: 'unavailable', status: 503 }]);
    expect(events.flatMap((event) => (event.type === 'final' ? event.text : []))).toEqual([
      'still here',
    ]);
  });

  test('honours Retry-After', async () => {
    server.faults.refuse({ status: 429, retryAfter: 1, count: 1 });
    const { stream, until } = open();
    const opened = recogniser.next();
    stream.push(second(), 0);
    await until('connection', { state: 'waiting' });
    const refusedAt = performance.now();
    await opened;
    expect(performance.now() - refusedAt).toBeGreaterThan(950);
    stream.close();
  });

  test('nobody at the address is a fault that may pass', async () => {
    server.down();
    const { stream, events, until } = open();
    stream.push(second(), 0);
    await until('connection', { state: 'waiting' });
    await server.up();
    await until('connection', { state: 'live' });
    stream.close();
    expect(errorsOf(events)[0]).toMatchObject({ code: 'unavailable' });
  });
});

test('an upgrade that is answered with a page of megabytes is a refusal like any other', async () => {
  const page = createServer().on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 502 Bad Gateway\r\nx-request-id: r-1\r\nConnection: close\r\n\r\n');
    socket.end(`<html>${'x'.repeat(5_000_000)}`);
  });
  page.listen(0, '127.0.0.1');
  await once(page, 'listening');
  const address = page.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { stream, events, until } = open({ baseUrl: `http://127.0.0.1:${port}` });
  stream.push(second(), 0);
  await until('connection', { state: 'waiting' });
  stream.close();
  page.closeAllConnections();
  page.close();
  const [error] = errorsOf(events);
  expect(error).toMatchObject({ code: 'unavailable', status: 502, requestId: 'r-1' });
  expect(error?.message.length).toBeLessThan(300);
});
