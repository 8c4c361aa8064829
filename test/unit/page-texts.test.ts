import { expect, test } from 'vitest';
import { findCaptioner } from '../../src/client/captioner.js';
import { displayName } from '../../src/client/names.js';
import { captionerTexts } from '../../src/devkit/page/captioner-texts.js';
import { COLOURS, SpeakerColours } from '../../src/devkit/page/colours.js';
import { fileName } from '../../src/devkit/page/download.js';
import { initials } from '../../src/devkit/page/initials.js';
import { languageChoices } from '../../src/devkit/page/languages.js';
import { AccessError, joinProblem, microphoneProblem } from '../../src/devkit/page/problems.js';
import { Search } from '../../src/devkit/page/search.js';

const agent = (state: string | undefined, joinedAt = 0, reason = '', languages = 'en') => ({
  identity: `captions-${joinedAt}`,
  joinedAt,
  attributes: {
    'captions.v': '1',
    'captions.reason': reason,
    'captions.languages': languages,
    ...(state !== undefined && { 'captions.state': state }),
  },
});

test('the captioner is the newest agent that says it is one', () => {
  const absent = { state: 'absent', reason: '', languages: [], identity: '' };
  expect(findCaptioner([])).toEqual(absent);
  const other = { identity: 'x', attributes: { 'lk.agent.state': 'speaking' }, joinedAt: 9 };
  expect(findCaptioner([other])).toEqual(absent);
  const ghost = agent('live', 1);
  const fresh = agent('failed', 2, ' The key is wrong. ');
  for (const agents of [
    [ghost, fresh],
    [fresh, ghost],
  ]) {
    expect(findCaptioner(agents)).toEqual({
      state: 'failed',
      reason: 'The key is wrong.',
      languages: ['en'],
      identity: 'captions-2',
    });
  }
  const several = agent('live', 0, '', 'en, fr,<b> multi-asian');
  expect(findCaptioner([several]).languages).toEqual(['en', 'fr', 'multi-asian']);
  expect(findCaptioner([agent('dancing')]).state).toBe('unknown');
  expect(findCaptioner([agent(undefined)]).state).toBe('unknown');
});

test('each state has its own words, with the reason where captions are missing', () => {
  const states = [
    'disconnected',
    'absent',
    'starting',
    'live',
    'degraded',
    'paused',
    'failed',
    'unknown',
  ] as const;
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
  ['z' + '\u0300'.repeat(300), 'z' + '\u0300'.repeat(4), 'Z'],
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

test.each([
  ['cafe', 'Das CAFÉ.', true],
  ['Müller', 'muller', true],
  ['  plan ', 'a plan', true],
  ['plan', 'plain', false],
  ['安', '早安', true],
])('looking for %j in %j', (words, text, found) => {
  const search = new Search();
  expect(search.active).toBe(false);
  expect(search.matches(text)).toBe(true);
  search.words = words;
  expect(search.active).toBe(true);
  expect(search.matches('nothing', text)).toBe(found);
});

test('a file has a name that any system takes', () => {
  const now = new Date('2026-11-25T09:30:00Z');
  expect(fileName('../réunion: <1>', now)).toBe('réunion-1 2026-11-25 09.30.vtt');
  expect(fileName('///', now)).toBe('meeting 2026-11-25 09.30.vtt');
});

test('languages are called what their speakers call them', () => {
  const choices = languageChoices();
  expect(choices.slice(0, 2).map(({ code }) => code)).toEqual(['', 'auto']);
  expect(choices).toContainEqual({ code: 'de', label: 'Deutsch' });
  expect(choices).toContainEqual({ code: 'hi', label: 'हिन्दी' });
});
