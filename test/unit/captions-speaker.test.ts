import fc from 'fast-check';
import { expect, test } from 'vitest';
import { legible } from '../../src/captions/legible.js';
import { newSegmentId } from '../../src/captions/segment-id.js';
import { SpeakerNames } from '../../src/captions/speaker-names.js';
import { describeSpeaker } from '../../src/captions/speaker.js';

test.each([
  ['the name', { identity: 'alice', name: 'Alice Ng', source: 'microphone' }, 'Alice Ng'],
  ['else the identity', { identity: 'alice', name: '', source: 'microphone' }, 'alice'],
  ['without a name at all', { identity: 'alice', source: 'unknown' }, 'alice'],
  ['neither', { identity: '', name: ' ', source: 'microphone' }, 'Unknown'],
  ['a name of nothing to see', { identity: 'x', name: '\u200B\u200D', source: 'microphone' }, 'x'],
  ['a screen', { identity: 'a', name: 'Alice', source: 'screen_share_audio' }, 'Alice (screen)'],
  ['a voice', { identity: 'r', name: 'Room 4', source: 'microphone', voice: '2' }, 'Room 4 (speaker 2)'],
  ['a voice by its name', { identity: 'r', name: 'Room 4', source: 'microphone', voice: 'speaker_0' }, 'Room 4 (speaker 0)'],
  ['a voice on a screen', { identity: 'r', name: 'Room 4', source: 'screen_share_audio', voice: '1' }, 'Room 4 (screen, speaker 1)'],
  ['right to left', { identity: 'x', name: 'محمد', source: 'microphone' }, 'محمد'],
] as const)('shows %s', (_, who, label) => {
  expect(describeSpeaker(who)).toMatchObject({ identity: who.identity, label });
}); // prettier-ignore

test('the name goes out as it can be shown, the identity as it is', () => {
  const speaker = { identity: 'x\u202E', name: ' Al\r\nice\u0000 ', source: 'microphone' } as const;
  expect(describeSpeaker(speaker)).toEqual({
    identity: 'x\u202E',
    name: 'Al ice',
    label: 'Al ice',
  });
});

test.each([
  ['lines and control characters', ' Al\r\nice\u0000\u001B[31m ', 'Al ice [31m'],
  ['direction tricks', 'user\u202Etxt.exe\u2066\u200F', 'user txt.exe'],
  ['what has no width', 'A\u200Bd\uFEFFm\u2060i\u00ADn', 'A d m i n'],
  ['halves of characters', 'a\uD83Db\uDC69', 'a b'],
  ['markup, which is text', '<b onclick="x">Al</b> &amp;', '<b onclick="x">Al</b> &amp;'],
  ['Persian joiners', 'می\u200Cخواهم', 'می\u200Cخواهم'],
  ['families', '👩‍👩‍👧 Ng', '👩‍👩‍👧 Ng'],
  ['a heap of marks', `e${'\u0301'.repeat(300)}`, 'e\u0301\u0301\u0301'],
  ['too much', 'ab'.repeat(50), `${'ab'.repeat(32)}…`],
  ['500 emoji', '👩‍👩‍👧'.repeat(500), `${'👩‍👩‍👧'.repeat(64)}…`],
])('makes legible: %s', (_, text, expected) => {
  expect(legible(text)).toBe(expected);
});

test('whatever a name is, what is shown is a short line that nothing in it turns', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const shown = legible(name);
      expect([...new Intl.Segmenter().segment(shown)].length).toBeLessThanOrEqual(65);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u);
      expect(legible(shown.replace(/…$/, ''))).toBe(shown.replace(/…$/, ''));
    }),
  );
});

test('two people of one name are told apart, and keep what they are called', () => {
  const names = new SpeakerNames();
  expect(names.labelOf('a', 'Alex')).toBe('Alex');
  expect(names.labelOf('b', 'Alex')).toBe('Alex (2)');
  expect(names.labelOf('c', ' ALEX\u200B')).toBe('ALEX (3)');
  expect(names.labelOf('a', 'Alex')).toBe('Alex');
  expect(names.labelOf('b', 'Alex')).toBe('Alex (2)');
  expect(names.labelOf('b', 'Bo')).toBe('Bo');
  expect(names.labelOf('d', 'Alex')).toBe('Alex (4)');
  expect(names.labelOf('b', 'Alex')).toBe('Alex (2)');
});

test('nobody gets the label of somebody else by choosing it as a name', () => {
  const names = new SpeakerNames();
  names.labelOf('a', 'Alex');
  names.labelOf('b', 'Alex');
  expect(names.labelOf('c', 'Alex (2)')).toBe('Alex (2) (2)');
  expect(names.labelOf('d', 'Alex (3)')).toBe('Alex (3)');
  expect(names.labelOf('e', 'Alex')).toBe('Alex (4)');
  expect(names.labelOf('Alex', '')).toBe('Alex (5)');
});

test('whoever is called what, two people are never called the same', () => {
  const who = fc.record({
    identity: fc.constantFrom('a', 'b', 'c', 'Alex'),
    name: fc.constantFrom('', 'Alex', 'alex', 'Alex (2)', 'Bo', '\u202E'),
  });
  fc.assert(
    fc.property(fc.array(who, { maxLength: 30 }), (calls) => {
      const names = new SpeakerNames();
      const owners = new Map<string, string>();
      for (const { identity, name } of calls) {
        const label = names.labelOf(identity, name).toLowerCase();
        expect(owners.get(label) ?? identity).toBe(identity);
        owners.set(label, identity);
      }
    }),
  );
});

test('segment ids differ', () => {
  const ids = Array.from({ length: 1000 }, newSegmentId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^SG_[A-Za-z0-9_-]{12}$/);
});
