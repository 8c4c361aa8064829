import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CaptionUpdate } from '../../src/devkit/page/caption-update.js';
import { CaptionStore } from '../../src/devkit/page/store.js';

const update = (fields: Partial<CaptionUpdate> = {}): CaptionUpdate => ({
  via: 'data',
  id: 'a',
  rev: 0,
  revShared: true,
  final: false,
  text: 'text',
  settled: 0,
  language: 'en',
  speaker: { identity: 'alice', label: 'Alice', voice: 'alice' },
  at: undefined,
  ...fields,
});
const texts = (store: CaptionStore) => store.segments.map(({ text }) => text);

test('a segment is replaced in its place, and becomes final once', () => {
  const store = new CaptionStore();
  const first = store.apply(update({ text: 'so' }));
  expect(first).toMatchObject({ index: 0, added: true, finalised: false });
  store.apply(update({ id: 'b', text: 'wait' }));
  expect(store.apply(update({ rev: 1, text: 'so the' }))).toMatchObject({
    index: 0,
    added: false,
    finalised: false,
  });
  const final = store.apply(update({ rev: 2, text: 'So the plan.', final: true }));
  expect(final).toMatchObject({ index: 0, finalised: true });
  expect(texts(store)).toEqual(['So the plan.', 'wait']);
  const corrected = store.apply(update({ rev: 3, text: 'So, the plan.', final: true }));
  expect(corrected).toMatchObject({ index: 0, finalised: false });
});

test('what is older, the same or an interim after the final changes nothing', () => {
  const store = new CaptionStore();
  store.apply(update({ rev: 3, text: 'new' }));
  expect(store.apply(update({ rev: 2, text: 'old' }))).toBeUndefined();
  expect(store.apply(update({ rev: 3, text: 'same' }))).toBeUndefined();
  store.apply(update({ rev: 4, text: 'done', final: true }));
  expect(store.apply(update({ rev: 5, text: 'late' }))).toBeUndefined();
  expect(store.apply(update({ rev: 4, text: 'again', final: true }))).toBeUndefined();
  expect(texts(store)).toEqual(['done']);
});

test('a data message takes over from a text stream, and never the other way round', () => {
  const store = new CaptionStore();
  const stream = { via: 'stream' } as const;
  store.apply(update({ ...stream, rev: 1, text: 'stream 1' }));
  expect(store.apply(update({ rev: 0, text: 'data 0' }))).toBeUndefined();
  expect(store.apply(update({ rev: 1, text: 'data 1', settled: 4 }))).toMatchObject({
    added: false,
    segment: { text: 'data 1', settled: 4 },
  });
  expect(store.apply(update({ ...stream, rev: 2, text: 'stream 2' }))).toBeUndefined();
  store.apply(update({ rev: 2, text: 'Done.', final: true }));
  expect(store.apply(update({ ...stream, rev: 2, text: 'Done.', final: true }))).toBeUndefined();
  expect(texts(store)).toEqual(['Done.']);
});

test('a stream that counts its own order is taken over by any message', () => {
  const store = new CaptionStore();
  store.apply(update({ via: 'stream', rev: 900, revShared: false, text: 'stream' }));
  expect(store.apply(update({ rev: 0, text: 'data' }))).toBeDefined();
  expect(texts(store)).toEqual(['data']);
});

test('the final of both outputs is final once', () => {
  const store = new CaptionStore();
  const final = { rev: 1, text: 'Done.', final: true };
  const changes = [
    store.apply(update({ via: 'stream', ...final })),
    store.apply(update({ via: 'data', ...final })),
  ];
  expect(changes.filter((change) => change?.finalised)).toHaveLength(1);
});

test('a final without text takes the segment away, for good', () => {
  const store = new CaptionStore();
  store.apply(update({ text: 'hm' }));
  expect(store.apply(update({ rev: 1, text: ' ', final: true }))).toMatchObject({ index: -1 });
  expect(store.apply(update({ rev: 2, text: 'back' }))).toBeUndefined();
  expect(store.apply(update({ id: 'b', text: '', final: true }))).toBeUndefined();
  expect(store.segments).toEqual([]);
});

test('segments stand in the order in which they began, and stay there', () => {
  const store = new CaptionStore();
  store.apply(update({ id: 'a', text: 'a', at: 100 }));
  store.apply(update({ id: 'c', text: 'c', at: 300 }));
  expect(store.apply(update({ id: 'b', text: 'b', at: 200 }))).toMatchObject({ index: 1 });
  store.apply(update({ id: 'stream', text: 'stream' }));
  store.apply(update({ id: 'd', text: 'd', at: 300 }));
  expect(texts(store)).toEqual(['a', 'b', 'c', 'stream', 'd']);
  store.apply(update({ id: 'a', rev: 1, text: 'a', at: 900 }));
  expect(texts(store)).toEqual(['a', 'b', 'c', 'stream', 'd']);
});

test('the oldest give way, and do not come back', () => {
  const store = new CaptionStore(2);
  store.apply(update({ id: 'a', at: 1 }));
  store.apply(update({ id: 'b', at: 2 }));
  expect(store.apply(update({ id: 'c', at: 3 }))).toMatchObject({ index: 1, dropped: ['a'] });
  expect(store.apply(update({ id: 'a', rev: 1, at: 1 }))).toBeUndefined();
  expect(store.apply(update({ id: 'older', at: 0 }))).toBeUndefined();
  expect(store.segments.map(({ id }) => id)).toEqual(['b', 'c']);
  store.clear();
  expect(store.apply(update({ id: 'a', at: 1 }))).toMatchObject({ index: 0 });
});

test('whatever comes: one row an id, each final once, changes that name the right place', () => {
  const updates = fc.array(
    fc.record({
      via: fc.constantFrom('data' as const, 'stream' as const),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      rev: fc.nat(5),
      final: fc.boolean(),
      text: fc.constantFrom('', 'x', 'y'),
      at: fc.option(fc.nat(5), { nil: undefined }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(updates, (all) => {
      const store = new CaptionStore(3);
      const rows: string[] = [];
      const finals: string[] = [];
      for (const one of all) {
        const change = store.apply(update(one));
        if (!change) continue;
        const { segment, index, added, dropped, finalised } = change;
        for (const id of dropped) rows.splice(rows.indexOf(id), 1);
        if (index < 0) rows.splice(rows.indexOf(segment.id), 1);
        else if (added) rows.splice(index, 0, segment.id);
        else expect(rows[index]).toBe(segment.id);
        if (finalised) finals.push(segment.id);
      }
      expect(rows).toEqual(store.segments.map(({ id }) => id));
      expect(new Set(rows).size).toBe(rows.length);
      expect(new Set(finals).size).toBe(finals.length);
      expect(rows.length).toBeLessThanOrEqual(3);
    }),
  );
});
