import { vi } from 'vitest';
import { runCommand } from '../../src/cli/captions.js';

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `captions` prints, and its exit code. */
export async function captions(...args: readonly string[]): Promise<Printed> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text, ...more) => {
      printed[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      for (const done of more) if (typeof done === 'function') done();
      return true;
    }),
  );
  try {
    return { code: await runCommand(args), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
