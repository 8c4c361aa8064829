import { parseArgs } from 'node:util';
import { openParsers } from '../fuzz/parsers/index.js';
import { fuzz, FuzzFinding, type FuzzReport } from '../fuzz/run.js';

const USAGE = `npm run bench -- fuzz [--inputs 100000] [--seed N] [--parser NAME]

Feeds everything that reads what others send with faulty inputs, and 10 MB ones; fails when one crashes, hangs,
keeps memory or changes prototypes. What goes through a socket gets a tenth of the inputs. The same seed makes the same
inputs.
`;

/** @throws FuzzFinding */
export async function benchFuzz(
  args: readonly string[],
  signal: AbortSignal,
): Promise<object | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: 'string', default: '100000' },
      seed: { type: 'string' },
      parser: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return undefined;
  }
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const inputs = Number(values.inputs);
  console.log(`seed ${seed}`);
  const open = await openParsers();
  try {
    const reports: FuzzReport[] = [];
    const findings: string[] = [];
    for (const parser of open.parsers.filter(({ name }) => name.includes(values.parser))) {
      const report = await fuzz(parser, { inputs, seed, signal }).catch((error: unknown) => {
        if (!(error instanceof FuzzFinding)) throw error;
        console.log(error.message);
        findings.push(error.message);
        return undefined;
      });
      if (!report) continue;
      const { name, slowestMs, slowestGiantMs, grownBytes } = report;
      const grown = (grownBytes / 1024 / 1024).toFixed(1);
      console.log(
        `${name}: ${report.inputs} inputs, slowest ${slowestMs.toFixed(1)} ms, of 10 MB ${slowestGiantMs.toFixed(0)} ms, ${grown} MB more`,
      );
      reports.push(report);
    }
    if (findings.length > 0)
      throw new FuzzFinding(`${findings.length} parsers have faults: see above`);
    return { seed, reports };
  } finally {
    await open.close();
  }
}
