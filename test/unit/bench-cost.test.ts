import { expect, test } from 'vitest';
import { measureMeeting } from '../../src/devkit/bench/cost/meeting.js';
import { pointsOf } from '../../src/devkit/bench/cost/recordings.js';
import { measureBursts } from '../../src/devkit/bench/cost/three-bursts.js';

test('of three bursts of speech in a minute little more than the speech is sent, every word arrives, at its time', async () => {
  const bursts = await measureBursts(9);
  expect(bursts).toMatchObject({ speechSeconds: 9.1, words: 20, lost: 0 });
  expect(bursts.sentSeconds).toBeGreaterThan(9.1);
  expect(bursts.sentSeconds).toBeLessThanOrEqual(13);
  expect(bursts.worstTimeMs).toBeLessThan(100);
}, 40_000);

test('in a meeting of twelve in which one speaks at a time the others cost nothing', async () => {
  const { speechSeconds, sentSeconds } = await measureMeeting(1);
  expect(sentSeconds).toBeGreaterThan(speechSeconds);
  expect(sentSeconds / speechSeconds).toBeLessThanOrEqual(1.4);
}, 40_000);

test('words that are wrong with the gate alone are counted in points', () => {
  const figures = { words: 200, errorsWithout: 4, errorsWith: 6 };
  expect(pointsOf([figures])).toBe(1);
  expect(pointsOf([figures, { words: 200, errorsWithout: 5, errorsWith: 2 }])).toBe(-0.3);
});
