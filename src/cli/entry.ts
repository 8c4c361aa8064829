import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether the module is what `node` was asked to run, also through a link such as those in `node_modules/.bin`. */
export function isEntry(moduleUrl: string): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(moduleUrl);
}
