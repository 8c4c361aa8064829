import { expect, test } from 'vitest';
import { CaptionStore } from '../../src/client/caption-store.js';
import type { CaptionUpdate } from '../../src/client/caption-update.js';

const NOW = 1_795_400_100_000;
const EPOCH = 1_795_400_000_000;
const ALICE = { identity: 'alice', label: 'Alice', voice: 'alice' };

const update = (fields: Partial<CaptionUpdate> = {}): CaptionUpdate => ({
  via: 'data',
  id: 'a',
  rev: 0,
  revShared: true,
  final: false,
  text: 'text',
  settled: 0,
  language: 'en',
  speaker: ALICE,
  start: undefined,
  end: undefined,
  epoch: undefined,
  ...fields,
});
const stream = (fields: Partial<CaptionUpdate> = {}) => update({ via: 'stream', ...fields });
const event = (fields: Partial<CaptionUpdate> = {}) =>
  update({ via: 'event', revShared: false, ...fields });
const texts = (store: CaptionStore) => store.segments.map(({ text }) => text);
/** What a store that was given all of it shows. */
const shown = (...updates: CaptionUpdate[]) => {
  const store = new CaptionStore();
  for (const one of updates) store.apply(one, NOW);
  return texts(store);
};

test('a segment is replaced in its place, and what is shown before is not altered', () => {
  const store = new CaptionStore();
  expect(store.apply(update({ text: 'so' }), NOW)).toBe(true);
  expect(store.apply(update({ id: 'b', text: 'wait' }), NOW)).toBe(true);
  const before = store.segments;
  expect(store.segments).toBe(before);
  expect(store.apply(update({ rev: 1, text: 'so the' }), NOW)).toBe(true);
  expect(texts(store)).toEqual(['so the', 'wait']);
  expect(before.map(({ text }) => text)).toEqual(['so', 'wait']);
  expect(store.segments[1]).toBe(before[1]);
});

test.each([
  ['an older revision', [update({ rev: 3, text: 'new' }), update({ rev: 2, text: 'old' })], 'new'],
  ['the same again', [update({ rev: 3, text: 'one' }), update({ rev: 3, text: 'two' })], 'one'],
  [
    'an interim after the final',
    [update({ rev: 1, text: 'Done.', final: true }), update({ rev: 2, text: 'late' })],
    'Done.',
  ],
  [
    'a correction of a final',
    [update({ text: 'Don.', final: true }), update({ rev: 1, text: 'Done.', final: true })],
    'Done.',
  ],
  ['a stream ahead of data', [update({ rev: 1 }), stream({ rev: 2, text: 'newer' })], 'newer'],
  ['a stream behind data', [update({ rev: 1 }), stream({ rev: 0, text: 'older' })], 'text'],
  ['data at the same revision', [stream({ text: 'stream' }), update({ text: 'data' })], 'data'],
  ['a stream at the same revision', [update({ text: 'data' }), stream({ text: 's' })], 'data'],
  ['data after an event', [event({ rev: 900 }), update({ text: 'data' })], 'data'],
  ['an event after data', [update({ text: 'data' }), event({ rev: 900 })], 'data'],
  ['an event’s final after an interim', [update(), event({ rev: 9, final: true })], 'text'],
  ['events in their order', [event({ rev: 4 }), event({ rev: 5, text: 'b' })], 'b'],
  ['events out of order', [event({ rev: 5, text: 'b' }), event({ rev: 4 })], 'b'],
  [
    'streams that count nothing, over events',
    [event({ rev: 9 }), stream({ rev: 3, revShared: false, text: 'stream' })],
    'stream',
  ],
])('%s', (_what, updates, text) => {
  expect(shown(...updates)).toEqual([text]);
});

test('the settled words of a message hold while a stream is ahead of it', () => {
  const store = new CaptionStore();
  store.apply(update({ text: 'so the plan', settled: 7 }), NOW);
  store.apply(stream({ rev: 1, text: 'so the plane is' }), NOW);
  expect(store.segments[0]).toMatchObject({ text: 'so the plane is', settled: 7 });
  store.apply(stream({ rev: 2, text: 'So that' }), NOW);
  expect(store.segments[0]).toMatchObject({ text: 'So that', settled: 0 });
});

test('the label of the output that says most about the speaker holds', () => {
  const store = new CaptionStore();
  const speaker = { identity: 'alice', label: 'Room 4 (speaker 2)', voice: 'alice\n2' };
  store.apply(update({ speaker }), NOW);
  store.apply(stream({ rev: 1, text: 'on' }), NOW);
  expect(store.segments[0]).toMatchObject({ text: 'on', speaker });
});

test('nobody speaks in another’s caption, except a captioner', () => {
  const mallory = { identity: 'mallory', label: 'Alice', voice: 'mallory' };
  expect(shown(update(), stream({ rev: 99, text: 'lie', speaker: mallory }))).toEqual(['text']);
  expect(shown(stream({ rev: 99, text: 'lie', final: true, speaker: mallory }), update())).toEqual([
    'text',
  ]);
  const nobody = { identity: '', label: '', voice: '' };
  expect(shown(event({ speaker: nobody }), stream({ text: 'said' }))).toEqual(['said']);
});

test('a final without text takes the segment away, for good', () => {
  const store = new CaptionStore();
  store.apply(update({ text: 'hm' }), NOW);
  expect(store.apply(update({ rev: 1, text: ' ', final: true }), NOW)).toBe(true);
  expect(store.segments).toEqual([]);
  expect(store.apply(update({ rev: 2, text: 'back' }), NOW)).toBe(false);
  expect(store.apply(update({ id: 'b', text: '', final: true }), NOW)).toBe(false);
  expect(store.apply(stream({ id: 'b', text: 'late' }), NOW)).toBe(false);
  expect(store.segments).toEqual([]);
});

test('segments stand in the order in which they began, whatever told of them', () => {
  const store = new CaptionStore();
  const early = { start: 1000, end: 2000 };
  // A late joiner’s backlog of streams, one of which is overtaken, then something new as a message.
  store.apply(stream({ id: 'b', text: 'b', start: 3000, end: 4000, final: true }), NOW);
  store.apply(stream({ id: 'a', text: 'a', ...early, final: true }), NOW + 5);
  store.apply(
    update({ id: 'd', text: 'd', start: 100_200, end: 100_400, epoch: EPOCH }),
    NOW + 500,
  );
  store.apply(stream({ id: 'c', text: 'c', start: 5000, end: 6000, final: true }), NOW + 600);
  expect(store.segments.map(({ text, at }) => [text, at - EPOCH])).toEqual([
    ['a', 1000],
    ['b', 3000],
    ['c', 5000],
    ['d', 100_200],
  ]);
});

test('a guess of the clock gets better, and a known clock is left alone', () => {
  const store = new CaptionStore();
  store.apply(stream({ id: 'a', start: 1000, end: 2000 }), EPOCH + 90_000);
  store.apply(stream({ id: 'b', start: 80_000, end: 90_000 }), EPOCH + 90_050);
  expect(store.segments.map(({ at }) => at - EPOCH)).toEqual([1050, 80_050]);
  store.apply(update({ id: 'c', start: 91_000, end: 91_500, epoch: EPOCH }), EPOCH + 92_000);
  expect(store.segments.map(({ at }) => at - EPOCH)).toEqual([1000, 80_000, 91_000]);
});

test('a captioner that begins anew does not mix its captions with those before', () => {
  const store = new CaptionStore();
  store.apply(update({ id: 'a', text: 'a', start: 60_000, end: 61_000, epoch: EPOCH }), NOW);
  store.restartClock();
  store.apply(stream({ id: 'b', text: 'b', start: 100, end: 900 }), NOW + 2000);
  expect(texts(store)).toEqual(['a', 'b']);
  store.apply(
    update({ id: 'b', text: 'b2', rev: 1, start: 100, end: 950, epoch: NOW + 900 }),
    NOW + 2100,
  );
  expect(store.segments.map(({ text, at }) => [text, at])).toEqual([
    ['a', EPOCH + 60_000],
    ['b2', NOW + 1000],
  ]);
});

test('what is said while we are here is news, and the backlog is not', () => {
  const here = EPOCH + 50_000;
  const news = (one: CaptionUpdate, after: number, clockKnown = false) => {
    const store = new CaptionStore(10, here);
    if (clockKnown) {
      store.apply(update({ id: 'x', start: 0, end: 1, epoch: EPOCH }), here);
    }
    store.apply(one, here + after);
    return store.segments.find(({ id }) => id === 'a')?.news;
  };
  const said = { start: 10_000, end: 12_000, final: true };
  expect(news(stream(said), 200)).toBe(false);
  expect(news(stream({ ...said, final: false }), 200)).toBe(true);
  expect(news(stream(said), 8000, true)).toBe(false);
  expect(news(stream({ ...said, end: 50_500 }), 800, true)).toBe(true);
  expect(news(update({ ...said, epoch: EPOCH, end: 51_000 }), 1100)).toBe(true);
  expect(news(stream(said), 30_000)).toBe(true);
  expect(news(stream({ final: true }), 200)).toBe(true);
});

test('what a guess took for backlog becomes news when the clock is told', () => {
  const store = new CaptionStore(10, EPOCH + 50_000);
  const fresh = { id: 'a', start: 49_500, end: 50_500, final: true };
  store.apply(stream({ id: 'old', start: 40_000, end: 41_000, final: true }), EPOCH + 50_800);
  store.apply(stream(fresh), EPOCH + 51_000);
  const news = () => store.segments.map(({ id, news }) => [id, news]);
  expect(news()).toEqual([
    ['old', false],
    ['a', false],
  ]);
  store.apply(update({ ...fresh, epoch: EPOCH }), EPOCH + 51_010);
  expect(news()).toEqual([
    ['old', false],
    ['a', true],
  ]);
});

test('the oldest give way, and do not come back', () => {
  const store = new CaptionStore(2);
  const at = (start: number) => ({ start, end: start + 1, epoch: EPOCH });
  store.apply(update({ id: 'a', ...at(1) }), NOW);
  store.apply(update({ id: 'b', ...at(2) }), NOW);
  store.apply(update({ id: 'c', ...at(3) }), NOW);
  expect(store.apply(update({ id: 'a', rev: 1, ...at(1) }), NOW)).toBe(false);
  expect(store.apply(update({ id: 'older', ...at(0) }), NOW)).toBe(false);
  expect(store.segments.map(({ id }) => id)).toEqual(['b', 'c']);
  store.clear();
  expect(store.apply(update({ id: 'a', ...at(1) }), NOW)).toBe(true);
});
