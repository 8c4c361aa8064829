import { expect, test } from 'vitest';
import { captionerTexts, findCaptioner } from '../../src/devkit/page/captioner.js';
import { COLOURS, SpeakerColours } from '../../src/devkit/page/colours.js';
import { displayName, initials } from '../../src/devkit/page/names.js';
import { AccessError, joinProblem, microphoneProblem } from '../../src/devkit/page/problems.js';

const agent = (state: string | undefined, joinedAt = 0, reason = '') => ({
  joinedAt,
  attributes: {
    'captions.v': '1',
    'captions.reason': reason,
    ...(state !== undefined && { 'captions.state': state }),
  },
});

test('the captioner is the newest agent that says it is one', () => {
  expect(findCaptioner([])).toEqual({ state: 'absent', reason: '' });
  expect(findCaptioner([{ attributes: { 'lk.agent.state': 'speaking' }, joinedAt: 9 }])).toEqual({
    state: 'absent',
    reason: '',
  });
  const ghost = agent('live', 1);
  const fresh = agent('failed', 2, ' The key is wrong. ');
  for (const agents of [
    [ghost, fresh],
    [fresh, ghost],
  ]) {
    expect(findCaptioner(agents)).toEqual({ state: 'failed', reason: 'The key is wrong.' });
  }
  expect(findCaptioner([agent('dancing')]).state).toBe('unknown');
  expect(findCaptioner([agent(undefined)]).state).toBe('unknown');
});

test('each state has its own words, with the reason where captions are missing', () => {
  const states = ['absent', 'starting', 'live', 'degraded', 'paused', 'failed', 'unknown'] as const;
  const labels = states.map((state) => captionerTexts({ state, reason: '' }).label);
  expect(new Set(labels).size).toBe(states.length);
  for (const state of ['degraded', 'paused', 'failed'] as const) {
    expect(captionerTexts({ state, reason: 'Out of credit.' }).text).toBe('Out of credit.');
    expect(captionerTexts({ state, reason: '' }).text).not.toBe('');
  }
});

test.each([
  ['Alice Ng', 'Alice Ng', 'AN'],
  ['  ', 'Somebody', 'S'],
  ['\u202egnA \u0000ecilA\n', 'gnA ecilA', 'GE'],
  ['Ana María de la Cruz', 'Ana María de la Cruz', 'AC'],
  ['李小龍', '李小龍', '李'],
  ['(guest)', '(guest)', '?'],
  ['👩‍👩‍👧'.repeat(80), `${'👩‍👩‍👧'.repeat(60)}…`, '?'],
])('the name %j', (given, shown, letters) => {
  expect(displayName(given)).toBe(shown);
  expect(initials(displayName(given))).toBe(letters);
});

test('ten speakers have ten colours, and keep them', () => {
  const colours = new SpeakerColours();
  const keys = Array.from({ length: COLOURS }, (_, index) => `speaker ${index}`);
  expect(new Set(keys.map((key) => colours.of(key))).size).toBe(COLOURS);
  expect(colours.of('the eleventh')).toBeLessThan(COLOURS);
  expect(keys.map((key) => colours.of(key))).toEqual([...keys.keys()]);
});

test('problems say what to do', () => {
  expect(joinProblem(new AccessError('unreachable', '')).advice).toContain('npm run demo');
  expect(joinProblem(new AccessError('bad_name', 'Shorter.')).advice).toBe('Shorter.');
  expect(joinProblem(new Error('401')).advice).toContain('401');
  const named = (name: string) => microphoneProblem(new DOMException('x', name)).advice;
  expect(named('NotAllowedError')).toContain('address bar');
  expect(named('NotFoundError')).toContain('Connect one');
  expect(named('NotReadableError')).toContain('Another program');
  expect(named('InsecureContextError')).toContain('https');
  expect(named('Strange')).toContain('try again');
});
