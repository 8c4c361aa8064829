import { expect, test } from 'vitest';
import { createLogger } from '../../src/logging.js';
import { PulseError, type PulseErrorCode } from '../../src/pulse/errors.js';
import { AttributePublisher } from '../../src/room/attributes.js';
import { roomLanguage } from '../../src/room/language.js';
import { RoomStatus } from '../../src/room/status.js';
import { StatusReporter } from '../../src/room/status-reporter.js';
import type { ConnectionState } from '../../src/pulse/events.js';

const connection = (state: ConnectionState, code?: PulseErrorCode) =>
  code === undefined
    ? ({ type: 'connection', state } as const)
    : ({ type: 'connection', state, error: new PulseError(code, `what ${code} means`) } as const);

function statusAfter(...steps: [string, ConnectionState | 'over', PulseErrorCode?][]) {
  const status = new RoomStatus();
  status.ready();
  for (const [sid, state, code] of steps) {
    if (state === 'over') status.trackEnded(sid);
    else status.connectionChanged(sid, connection(state, code));
  }
  return status.current;
}

test('a captioner is starting until it is ready, then live', () => {
  const status = new RoomStatus();
  expect(status.current).toEqual({ state: 'starting', reason: '' });
  status.ready();
  expect(status.current).toEqual({ state: 'live', reason: '' });
});

test.each([
  [
    'a stream that opens',
    [
      ['a', 'idle'],
      ['a', 'connecting'],
    ],
    'live',
  ],
  [
    'one that works',
    [
      ['a', 'connecting'],
      ['a', 'live'],
    ],
    'live',
  ],
  [
    'one that waits',
    [
      ['a', 'live'],
      ['a', 'waiting', 'unavailable'],
    ],
    'degraded',
  ],
  [
    'one that tries again',
    [
      ['a', 'waiting', 'dropped'],
      ['a', 'connecting'],
    ],
    'degraded',
  ],
  [
    'one that is back',
    [
      ['a', 'waiting', 'dropped'],
      ['a', 'live'],
    ],
    'live',
  ],
  [
    'one of two that waits',
    [
      ['a', 'live'],
      ['b', 'waiting', 'no_stream'],
    ],
    'degraded',
  ],
  [
    'one that waited until its track was over',
    [
      ['a', 'waiting', 'dropped'],
      ['a', 'over'],
    ],
    'live',
  ],
  [
    'one that waited until it ended',
    [
      ['a', 'waiting', 'dropped'],
      ['a', 'ended'],
    ],
    'live',
  ],
  ['a refused key', [['a', 'failed', 'unauthorized']], 'failed'],
  [
    'a refused key, in a room that went quiet',
    [
      ['a', 'failed', 'unauthorized'],
      ['a', 'over'],
    ],
    'failed',
  ],
  [
    'a refused key, and another try',
    [
      ['a', 'failed', 'unauthorized'],
      ['b', 'connecting'],
    ],
    'failed',
  ],
  [
    'a refused key that works again',
    [
      ['a', 'failed', 'unauthorized'],
      ['b', 'live'],
    ],
    'live',
  ],
  [
    'one failure among working streams',
    [
      ['a', 'live'],
      ['b', 'failed', 'protocol'],
    ],
    'degraded',
  ],
] as [string, [string, ConnectionState | 'over', PulseErrorCode?][], string][])(
  '%s: %j is %s',
  (_name, steps, state) => {
    expect(statusAfter(...steps).state).toBe(state);
  },
);

test('the reason is for people, and there for each trouble', () => {
  const codes: PulseErrorCode[] = [
    'bad_options', 'unauthorized', 'forbidden', 'language_region', 'too_large', 'rate_limited',
    'no_stream', 'unavailable', 'dropped', 'silent', 'protocol', 'timeout',
  ]; // prettier-ignore
  for (const code of codes) {
    const { reason } = statusAfter(['a', 'failed', code]);
    expect(reason).toMatch(/^(No captions|Captions are)/);
    expect(reason).not.toMatch(/SMALLEST|PULSE_|\d{3}/);
  }
  expect(statusAfter(['a', 'waiting']).reason).not.toBe('');
});

function reporter() {
  const sent: Record<string, string>[] = [];
  const lines: { level: number; msg: string; code?: string }[] = [];
  const logger = createLogger('info', {
    write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
  });
  const status = new StatusReporter({
    send: (attributes) => Promise.resolve(void sent.push(attributes)),
    logger,
  });
  status.languagesChanged('en');
  return { status, sent, lines };
}

test('a refused key is said once, in the attributes and in the log, for all tracks together', async () => {
  const { status, sent, lines } = reporter();
  status.ready();
  await status.settled();
  for (const sid of ['a', 'b', 'c']) {
    status.connectionChanged(sid, connection('connecting'));
    status.connectionChanged(sid, connection('failed', 'unauthorized'));
    status.trackEnded(sid);
  }
  await status.settled();
  expect(sent.map((attributes) => attributes['captions.state'])).toEqual(['live', 'failed']);
  expect(sent[1]).toEqual({
    'captions.v': '1',
    'captions.by': 'livekit-pulse-captions, with Smallest.ai Pulse',
    'captions.state': 'failed',
    'captions.reason': 'No captions: the speech service refuses the key of this captioner.',
    'captions.languages': 'en',
  });
  const errors = lines.filter(({ level }) => level >= 50);
  expect(errors).toMatchObject([{ code: 'unauthorized', msg: 'what unauthorized means' }]);
});

test('attributes go out one change at a time, and the newest wins', async () => {
  const sent: string[] = [];
  const waiting: (() => void)[] = [];
  const publisher = new AttributePublisher((attributes) => {
    sent.push(attributes['n'] ?? '');
    return new Promise((resolve) => waiting.push(resolve));
  }, createLogger('silent'));
  publisher.set({ n: '1' });
  await expect.poll(() => sent).toEqual(['1']);
  publisher.set({ n: '2' });
  publisher.set({ n: '3' });
  expect(sent).toEqual(['1']);
  waiting.shift()?.();
  await expect.poll(() => sent).toEqual(['1', '3']);
  waiting.shift()?.();
  await publisher.settled();
  expect(sent).toEqual(['1', '3']);
});

test('attributes that could not be set are sent again when the room is back', async () => {
  const sent: Record<string, string>[] = [];
  let away = true;
  const publisher = new AttributePublisher((attributes) => {
    if (away) return Promise.reject(new Error('away'));
    sent.push(attributes);
    return Promise.resolve();
  }, createLogger('silent'));
  publisher.set({ n: '1' });
  await publisher.settled();
  away = false;
  publisher.resend();
  await publisher.settled();
  expect(sent).toEqual([{ n: '1' }]);
});

test.each([
  [undefined, 'en', 'en'],
  ['en-US', 'en', 'en'],
  ['fr', 'fr', 'fr'],
  ['yue', 'yue', 'yue'],
  ['auto', 'auto', 'und'],
  ['multi', 'auto', 'und'],
  ['north_indic', 'north_indic', 'und'],
])('language %s is shown as %s and assumed to be %s', (configured, shown, assumed) => {
  expect(roomLanguage(configured)).toEqual({ shown, assumed });
});
