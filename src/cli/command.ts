import { config as readDotenv } from 'dotenv';
import { UsageError } from './output.js';

export interface CommandOptions<Call> {
  readonly name: string;
  readonly usage: string;
  /** What was typed; undefined when help is asked for. May throw UsageError. */
  readonly read: () => Call | undefined;
  /** Gives the exit code. */
  readonly run: (call: Call) => Promise<number>;
  /** The exit code for an error that its message explains; undefined for others, which are thrown on. */
  readonly explained: (error: Error) => number | undefined;
}

/**
 * What every command does around its own work: reads `.env`, helps, and says what is wrong.
 * @returns the exit code: 2 where the call has to be changed
 */
export async function performCommand<Call>(options: CommandOptions<Call>): Promise<number> {
  const { name, usage, read, run, explained } = options;
  try {
    readDotenv({ quiet: true });
    const call = read();
    if (call !== undefined) return await run(call);
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof UsageError) {
      process.stderr.write(`captions ${name}: ${error.message}\n\n${usage}`);
      return 2;
    }
    const code = explained(error);
    if (code === undefined) throw error;
    process.stderr.write(`captions ${name}: ${error.message}\n`);
    return code;
  }
}
