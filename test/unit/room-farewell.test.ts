import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { Farewell } from '../../src/room/farewell.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const caption = (identity: string, text: string, final = true): Caption => ({
  id: text,
  rev: 0,
  final,
  text,
  settled: text.length,
  language: 'en',
  speaker: { identity, name: identity, label: identity },
  track: { sid: 'TR_1', source: 'microphone' },
  start: 0,
  end: 500,
  epoch: 0,
});

function setUp(send: () => Promise<void> = () => Promise.resolve()) {
  const repeated: string[] = [];
  const farewell = new Farewell(
    (sent) => {
      repeated.push(sent.text);
      return send();
    },
    () => Date.now(),
  );
  return { farewell, repeated };
}

test('the finals around somebody’s leaving are repeated, once, in order, and nothing else is', async () => {
  const { farewell, repeated } = setUp();
  farewell.sent(caption('alice', 'Long ago.'));
  await vi.advanceTimersByTimeAsync(5000);
  farewell.sent(caption('alice', 'good', false));
  farewell.sent(caption('alice', 'Good.'));
  farewell.sent(caption('bob', 'Stays.'));
  await vi.advanceTimersByTimeAsync(100);
  farewell.left('alice');
  await vi.advanceTimersByTimeAsync(300);
  farewell.sent(caption('alice', 'Bye.'));
  expect(repeated).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(repeated).toEqual(['Good.', 'Bye.']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(repeated).toEqual(['Good.', 'Bye.']);
});

test('somebody who leaves long after their last word has nothing repeated', async () => {
  const { farewell, repeated } = setUp();
  farewell.sent(caption('alice', 'Long ago.'));
  await vi.advanceTimersByTimeAsync(5000);
  farewell.left('alice');
  farewell.left('never spoke');
  await vi.advanceTimersByTimeAsync(5000);
  expect(repeated).toEqual([]);
});

test.each([
  [true, ['Bye.']],
  [false, []],
])('at the end, with the room reachable: %s, what waits is %j', async (reachable, expected) => {
  const { farewell, repeated } = setUp();
  farewell.sent(caption('alice', 'Bye.'));
  farewell.left('alice');
  await farewell.close(reachable);
  expect(repeated).toEqual(expected);
});

test('a room that takes nothing any more is not asked twice', async () => {
  const { farewell, repeated } = setUp(() => Promise.reject(new Error('gone')));
  farewell.sent(caption('alice', 'One.'));
  farewell.sent(caption('alice', 'Two.'));
  farewell.left('alice');
  await farewell.close(true);
  expect(repeated).toEqual(['One.']);
});
