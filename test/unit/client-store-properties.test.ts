import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptionStore } from '../../src/client/caption-store.js';
import type { CaptionUpdate, CaptionVia } from '../../src/client/caption-update.js';

const EPOCH = 1_795_400_000_000;
const RUNS = { numRuns: 300 };

/** A segment's whole life, as the captioner has it. */
interface Life {
  readonly id: string;
  readonly start: number;
  /** The last one is final; empty: it was taken away. */
  readonly texts: readonly string[];
}

const lives: fc.Arbitrary<Life[]> = fc
  .array(
    fc.record({
      texts: fc.array(fc.constantFrom('so', 'so the', 'so the plan', 'the plan', ''), {
        minLength: 1,
        maxLength: 5,
      }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) => all.map(({ texts }, index) => ({ id: `s${index}`, start: index * 1000, texts })));

/** What the three outputs send of it. */
function messages(all: readonly Life[], vias: readonly CaptionVia[]): CaptionUpdate[] {
  let arrival = 0;
  return vias.flatMap((via) =>
    all.flatMap(({ id, start, texts }) =>
      texts.map((text, rev) => ({
        via,
        id,
        rev: via === 'event' ? (arrival += 1) : rev,
        revShared: via !== 'event',
        final: rev === texts.length - 1,
        text,
        settled: rev === texts.length - 1 ? text.length : 0,
        language: 'en',
        speaker: { identity: 'alice', label: 'Alice', voice: 'alice' },
        start,
        end: start + 900,
        epoch: via === 'data' ? EPOCH : undefined,
      })),
    ),
  );
}

const outputs = fc.subarray<CaptionVia>(['event', 'stream', 'data'], { minLength: 1 });

test('the three outputs in any order, with anything twice, end in what was said', () => {
  const scenes = fc.tuple(lives, outputs).chain(([all, vias]) => {
    const sent = messages(all, vias);
    return fc.record({
      all: fc.constant(all),
      sent: fc.shuffledSubarray([...sent, ...sent], { minLength: sent.length * 2 }),
    });
  });
  fc.assert(
    fc.property(scenes, ({ all, sent }) => {
      const store = new CaptionStore();
      const finals = new Map<string, string>();
      for (const [index, one] of sent.entries()) {
        store.apply(one, EPOCH + 60_000 + index);
        const { segments } = store;
        expect(new Set(segments.map(({ id }) => id)).size).toBe(segments.length);
        for (const { id, text, final } of segments) {
          if (finals.has(id)) expect(final).toBe(true);
          if (final) finals.set(id, text);
        }
      }
      const expected = all
        .map(({ id, texts }) => ({ id, text: texts.at(-1) ?? '' }))
        .filter(({ text }) => text !== '');
      expect(store.segments.map(({ id, text }) => ({ id, text }))).toEqual(expected);
      expect(store.segments.every(({ final }) => final)).toBe(true);
    }),
    RUNS,
  );
});

test('whatever comes: bounded, each segment once, in order, the same array until something changes', () => {
  const odd = fc.record<CaptionUpdate>({
    via: fc.constantFrom('event', 'stream', 'data'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    rev: fc.nat(5),
    revShared: fc.boolean(),
    final: fc.boolean(),
    text: fc.constantFrom('', 'x', 'y'),
    settled: fc.nat(1),
    language: fc.constant(undefined),
    speaker: fc.constantFrom(
      { identity: 'alice', label: 'Alice', voice: 'alice' },
      { identity: '', label: '', voice: '' },
    ),
    start: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
    end: fc.option(fc.nat(9), { nil: undefined }),
    epoch: fc.option(fc.constantFrom(EPOCH, EPOCH + 3), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 60 }), (updates) => {
      const store = new CaptionStore(3);
      for (const [index, one] of updates.entries()) {
        const before = store.segments;
        const changed = store.apply(one, EPOCH + index);
        expect(store.segments !== before).toBe(changed);
        const times = store.segments.map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times.every(Number.isFinite)).toBe(true);
        expect(times.length).toBeLessThanOrEqual(3);
      }
    }),
    RUNS,
  );
});
