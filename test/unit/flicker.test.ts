import { expect, test } from 'vitest';
import { read } from '../../src/devkit/bench/captions/reader.js';
import { revisingRecogniser } from '../../src/devkit/bench/captions/revising-recogniser.js';
import { speechIndex } from '../../src/devkit/speech/recordings.js';

async function sentences(): Promise<string[]> {
  const { clips } = await speechIndex();
  return clips.flatMap(({ text }) => (text.match(/[^.?!]+[.?!]+/g) ?? []).map((one) => one.trim()));
}

test('captions of a recogniser that revises take little back, and nothing that is settled', async () => {
  for (const seed of [1, 2, 3]) {
    const { raw, shown } = await read(revisingRecogniser(await sentences(), seed), 0);
    expect(raw.taken / raw.finalLength).toBeGreaterThan(0.3);
    expect(shown.taken / shown.finalLength).toBeLessThan(0.15);
    expect(shown.settledTaken).toBe(0);
    expect(shown.finalLength).toBeGreaterThan(900);
  }
});

test('captions of a recogniser that does not revise take nothing back and wait for nothing', async () => {
  const { shown, segmenting, sending } = await read(
    revisingRecogniser(await sentences(), 1, 0),
    100,
  );
  expect(shown.taken).toBe(0);
  expect(Math.max(...segmenting)).toBe(0);
  expect(Math.max(...sending)).toBeLessThanOrEqual(100);
});
