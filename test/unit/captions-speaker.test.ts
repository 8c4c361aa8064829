import { expect, test } from 'vitest';
import { newSegmentId } from '../../src/captions/segment-id.js';
import { describeSpeaker } from '../../src/captions/speaker.js';

test.each([
  ['the name', { identity: 'alice', name: 'Alice Ng', source: 'microphone' }, 'Alice Ng'],
  ['else the identity', { identity: 'alice', name: '', source: 'microphone' }, 'alice'],
  ['without a name at all', { identity: 'alice', source: 'unknown' }, 'alice'],
  ['neither', { identity: '', name: ' ', source: 'microphone' }, 'Unknown'],
  [
    'a screen',
    { identity: 'alice', name: 'Alice Ng', source: 'screen_share_audio' },
    'Alice Ng (screen)',
  ],
  [
    'a voice',
    { identity: 'r4', name: 'Room 4', source: 'microphone', voice: '2' },
    'Room 4 (speaker 2)',
  ],
  [
    'a voice by its name',
    { identity: 'r4', name: 'Room 4', source: 'microphone', voice: 'speaker_0' },
    'Room 4 (speaker 0)',
  ],
  [
    'a voice on a screen',
    { identity: 'r4', name: 'Room 4', source: 'screen_share_audio', voice: '1' },
    'Room 4 (screen, speaker 1)',
  ],
  [
    'lines and control characters',
    { identity: 'x', name: ' Al\r\nice\u0000\u202EgN ', source: 'microphone' },
    'Al ice gN',
  ],
  ['right to left', { identity: 'x', name: 'محمد', source: 'microphone' }, 'محمد'],
] as const)('shows %s', (_, who, label) => {
  expect(describeSpeaker(who)).toEqual({
    identity: who.identity,
    name: 'name' in who ? who.name : '',
    label,
  });
});

test('a label is short, and no character in it is torn', () => {
  const { label } = describeSpeaker({
    identity: 'x',
    name: '👩‍👩‍👧'.repeat(500),
    source: 'screen_share_audio',
  });
  expect(label).toMatch(/^(👩‍👩‍👧)+… \(screen\)$/u);
  expect(label.length).toBeLessThan(120);
});

test('segment ids differ', () => {
  const ids = Array.from({ length: 1000 }, newSegmentId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^SG_[A-Za-z0-9_-]{12}$/);
});
