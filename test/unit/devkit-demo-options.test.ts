import { expect, test } from 'vitest';
import { parseDemoOptions } from '../../src/devkit/demo/options.js';

test('what the demo does without options', () => {
  expect(parseDemoOptions([])).toEqual({ port: undefined, seconds: undefined, people: true });
});

test('each option', () => {
  const options = parseDemoOptions(['--port', '0', '--seconds', '20', '--no-people']);
  expect(options).toEqual({ port: 0, seconds: 20, people: false });
  expect(parseDemoOptions(['--port', '1', '--help'])).toBe('help');
});

test.each([
  [['--port', 'x'], /--port "x": give a whole number up to 65535/],
  [['--port', '65536'], /--port "65536"/],
  [['--seconds', '-1'], /--seconds/],
  [['--seconds=1.5'], /--seconds "1\.5"/],
  [['--people'], /--people/],
  [['3000'], /3000/],
])('%j is refused', (args, reason) => {
  expect(() => parseDemoOptions(args)).toThrow(reason);
});
