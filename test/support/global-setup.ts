import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The end-to-end tests run what was built: without it each of them would fail in a way of its own. */
export default function requireBuild(): void {
  const build = resolve(process.env['CAPTIONS_BUILD_DIR'] ?? 'dist');
  if (existsSync(join(build, 'main.js'))) return;
  throw new Error(
    `${build} is not built. Run the tests with "npm test", or "npm run build" first.`,
  );
}
