import { afterAll, expect, test } from 'vitest';
import { openParsers } from '../../src/devkit/fuzz/parsers/index.js';
import { fuzz } from '../../src/devkit/fuzz/run.js';

/** `npm run bench -- fuzz` does a hundred thousand, and others each time. */
const INPUTS = 1000;

const open = await openParsers();
afterAll(() => open.close());

test.each(open.parsers.map((parser) => [parser.name, parser] as const))(
  '%s: nothing makes it crash, hang, grow or change prototypes',
  async (_name, parser) => {
    const report = await fuzz(parser, { inputs: INPUTS, seed: 20_261_125 });
    expect(report.inputs).toBeGreaterThan(0);
  },
  60_000,
);
