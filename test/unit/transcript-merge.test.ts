import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callsOf, type JournalHead } from '../../src/transcript/calls.js';
import { mergeParts } from '../../src/transcript/merge.js';
import { closed, event, part, segment } from '../support/journal-parts.js';

const EPOCH = 1_795_000_000_000;
const texts = (...parts: Parameters<typeof mergeParts>[0]) =>
  mergeParts(parts).segments.map(({ text }) => text);

describe('parts of a call', () => {
  test('are on one clock, in the order of time, whatever order they come in', () => {
    const first = part('a', EPOCH, [segment('1', 'One.'), segment('3', 'Three.', { start: 9000 })]);
    const second = part('b', EPOCH + 5000, [segment('2', 'Two.'), closed(7000)], 'RM_2');
    const transcript = mergeParts([second, first]);
    expect(transcript).toEqual(mergeParts([first, second]));
    expect(transcript).toMatchObject({
      room: { name: 'Standup', sids: ['RM_1', 'RM_2'] },
      epoch: EPOCH,
      end: 12_000,
      segments: [
        { text: 'One.', start: 0 },
        { text: 'Two.', start: 5000, end: 6000, words: [{ start: 5000, end: 6000 }] },
        { text: 'Three.', start: 9000 },
      ],
      parts: [
        { journal: 'a', from: 0, to: 10_000, complete: false },
        { journal: 'b', from: 5000, to: 12_000, complete: true },
      ],
    });
  });

  test('that another sid goes on in have both', () => {
    const again = { v: 1, type: 'room', sid: 'RM_2', name: 'Standup', epoch: EPOCH } as const;
    expect(mergeParts([part('a', EPOCH, [again, again])]).room.sids).toEqual(['RM_1', 'RM_2']);
  });

  test('have each segment once, as it was last', () => {
    const old = segment('1', 'Old.', { rev: 3 });
    const latest = segment('1', 'New.', { rev: 4 });
    expect(texts(part('a', EPOCH, [latest, old]), part('b', EPOCH, [old]))).toEqual(['New.']);
    expect(texts(part('a', EPOCH, [old]), part('b', EPOCH, [latest]))).toEqual(['New.']);
  });

  test('keep their gaps, with whose track it was', () => {
    const lost = { v: 1, type: 'gap', track: 'TR_1', identity: 'a', start: 5, end: 9 } as const;
    const { gaps } = mergeParts([part('a', EPOCH, []), part('b', EPOCH + 100, [lost])]);
    expect(gaps).toEqual([{ track: 'TR_1', identity: 'a', start: 105, end: 109 }]);
  });
});

describe('what two captioners heard at the same time', () => {
  const said = segment('1', 'So the plan is good.', { start: 1000 });

  test.each([
    ['the same words', segment('2', 'so the plan is good', { start: 1200 }), 1],
    ['the end of them', segment('2', 'is good', { start: 1600 }), 1],
    ['other words', segment('2', 'So the plan is bad.', { start: 1000 }), 2],
    ['the same words later', segment('2', 'So the plan is good.', { start: 3000 }), 2],
    [
      'the same words on another track',
      segment('2', 'So the plan is good.', { start: 1000, track: { sid: 'TR_2', source: 'x' } }),
      2,
    ],
    ['the same text without words', { ...segment('2', said.text, { start: 1300 }), words: [] }, 1],
    [
      'part of the text without words',
      { ...segment('2', 'is good', { start: 1300 }), words: [] },
      2,
    ],
  ])('%s', (_, other, count) => {
    const parts = [part('a', EPOCH, [said]), part('b', EPOCH, [other])];
    expect(mergeParts(parts).segments).toHaveLength(count);
    expect(mergeParts(parts.toReversed()).segments).toHaveLength(count);
  });

  test('is not what one captioner heard twice', () => {
    const yes = [segment('1', 'Yes.'), segment('2', 'Yes.', { start: 200 })];
    expect(texts(part('a', EPOCH, yes), part('b', EPOCH, []))).toEqual(['Yes.', 'Yes.']);
  });

  test('never takes away more than is left, however calls are cut into parts', () => {
    const saying = fc.record({
      id: fc.uuid(),
      start: fc.integer({ min: 0, max: 20_000 }),
      text: fc.array(fc.constantFrom('yes', 'no', 'so', 'what'), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 30 }), fc.nat(20_000), (sayings, cut) => {
        const all = sayings.map(({ id, start, text }) => segment(id, text.join(' '), { start }));
        const before = all.filter(({ start }) => start <= cut);
        const after = all
          .filter(({ end }) => end >= cut)
          .map((said) => segment(`${said.id}-2`, said.text, { start: said.start - cut }));
        const merged = mergeParts([part('a', EPOCH, before), part('b', EPOCH + cut, after)]);
        const whole = (text: string, start: number) => `${start} ${text}`;
        const found = new Set(merged.segments.map(({ text, start }) => whole(text, start)));
        // Nothing is made up, and what only one of the two has heard is there.
        const known = new Set(all.map(({ text, start }) => whole(text, start)));
        for (const one of found) expect(known).toContain(one);
        for (const { text, start, end } of all) {
          if (end < cut - 2000 || start > cut + 2000) expect(found).toContain(whole(text, start));
        }
      }),
    );
  });
});

describe('people', () => {
  test('have their last name, and all their stays', () => {
    const { people } = mergeParts([
      part('a', EPOCH, [
        event('joined', 'bob', 50, 'Bob'),
        event('joined', 'alice', 10, ''),
        event('left', 'bob', 90, 'Bob'),
        event('joined', 'bob', 100, 'Bobby'),
        closed(200),
      ]),
    ]);
    expect(people).toEqual([
      { identity: 'alice', name: '', stays: [{ from: 10, to: 200 }], optedOut: false },
      {
        identity: 'bob',
        name: 'Bobby',
        stays: [
          { from: 50, to: 90 },
          { from: 100, to: 200 },
        ],
        optedOut: false,
      },
    ]);
  });

  test('stay while one captioner follows another, and without an end when the last was cut off', () => {
    const { people } = mergeParts([
      part('a', EPOCH, [event('joined', 'alice', 10), segment('1', 'One.', { start: 500 })]),
      part('b', EPOCH + 60_000, [event('joined', 'alice', 3), event('joined', 'bob', 5)]),
      part('c', EPOCH + 60_004, [event('joined', 'bob', 8), event('left', 'bob', 900)]),
    ]);
    expect(people.map(({ identity, stays }) => [identity, stays])).toEqual([
      ['alice', [{ from: 10 }]],
      ['bob', [{ from: 60_005, to: 60_904 }]],
    ]);
  });

  test('who opted out have nothing after it, and are not there if nothing is left', () => {
    const bob = { speaker: { identity: 'bob', name: 'Bob', label: 'Bob' } };
    const lost = { v: 1, type: 'gap', track: 'TR_1', identity: 'carol', start: 5, end: 9 } as const;
    const { people, segments, gaps } = mergeParts([
      part('a', EPOCH, [
        event('joined', 'carol', 0, 'Carol'),
        event('opted_out', 'carol', 1),
        lost,
        segment('0', 'Before.', bob),
        event('opted_out', 'bob', 2000),
      ]),
      part('b', EPOCH + 3000, [
        segment('1', 'Not for you.', bob),
        event('opted_in', 'bob', 5000),
        segment('2', 'Again.', { ...bob, start: 6000 }),
        event('opted_out', 'bob', 8000),
      ]),
    ]);
    expect(segments.map(({ text }) => text)).toEqual(['Before.', 'Again.']);
    expect(people).toMatchObject([{ identity: 'bob', optedOut: true }]);
    expect(gaps).toEqual([]);
  });
});

describe('which journals are of one call', () => {
  const head = (journal: string, room: string, sid: string, from: number, to: number) =>
    ({ journal, room, sids: [sid], from: from * 1000, to: to * 1000 }) satisfies JournalHead;

  test.each([
    ['one after the other', [head('a', 'r', '1', 0, 60), head('b', 'r', '2', 100, 200)], ['ab']],
    ['at once', [head('a', 'r', '1', 0, 600), head('b', 'r', '2', 100, 200)], ['ab']],
    ['too far apart', [head('a', 'r', '1', 0, 60), head('b', 'r', '2', 181, 200)], ['a', 'b']],
    ['the same sid', [head('a', 'r', '1', 0, 60), head('b', 'r', '1', 9000, 9001)], ['ab']],
    ['another name', [head('a', 'r', '1', 0, 60), head('b', 's', '2', 30, 200)], ['a', 'b']],
    [
      'a chain',
      [
        head('c', 'r', '3', 300, 400),
        head('a', 'r', '1', 0, 100),
        head('b', 'r', '2', 200, 250),
        head('x', 'q', '9', 210, 220),
      ],
      ['abc', 'x'],
    ],
  ])('%s', (_, heads, calls) => {
    expect(callsOf(heads).map(({ parts }) => parts.map((one) => one.journal).join(''))).toEqual(
      calls,
    );
  });
});
