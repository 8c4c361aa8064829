import { expect, test } from 'vitest';
import { Resampler } from '../../src/devkit/pulse-server/resample.js';

function tone(frequency: number, rate: number, seconds: number): Int16Array {
  return Int16Array.from({ length: rate * seconds }, (_, index) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequency * index) / rate)),
  );
}

function resampled(input: Int16Array, rate: number, piece: number): number[] {
  const resampler = new Resampler(rate);
  const output: number[] = [];
  for (let at = 0; at < input.length; at += piece) {
    output.push(...resampler.push(input.slice(at, at + piece)));
  }
  output.push(...resampler.end());
  return output;
}

const rates = [8000, 16_000, 22_050, 24_000, 44_100, 48_000];

test.each(rates)('%i Hz: a tone keeps its height, its level and its place in time', (rate) => {
  const output = resampled(tone(1000, rate, 0.5), rate, 480);
  const expected = tone(1000, 16_000, 0.5);
  expect(Math.abs(output.length - expected.length)).toBeLessThanOrEqual(16);
  for (let index = 200; index < 7800; index += 1) {
    expect(Math.abs((output[index] ?? 0) - (expected[index] ?? 0))).toBeLessThan(100);
  }
});

test.each([24_000, 44_100, 48_000])('%i Hz: what 16 kHz cannot carry is gone', (rate) => {
  const output = resampled(tone(9500, rate, 0.5), rate, 480);
  const loudest = Math.max(...output.slice(200, 7800).map(Math.abs));
  expect(loudest).toBeLessThan(200);
});

test.each(rates)('%i Hz: how the sound is cut makes no difference', (rate) => {
  const input = tone(700, rate, 0.1);
  expect(resampled(input, rate, 7)).toEqual(resampled(input, rate, input.length));
});
