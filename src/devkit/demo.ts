import { isEntry } from '../cli/entry.js';
import { DEMO_USAGE, parseDemoOptions, type DemoOptions } from './demo/options.js';

/** `npm run demo`, once everything is installed and built. @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions | 'help';
  try {
    options = parseDemoOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${DEMO_USAGE}`);
    return 2;
  }
  if (options === 'help') {
    console.log(DEMO_USAGE);
    return 0;
  }
  // Read by rtc-node when it is imported: without it, it prints a line for each caption that a speaker ignores.
  process.env['NODE_ENV'] ??= 'production';
  const { runDemo } = await import('./demo/run.js');
  return runDemo(options, process.env);
}

if (isEntry(import.meta.url)) process.exit(await main(process.argv.slice(2)));
