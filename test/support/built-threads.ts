import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ADDRESS = /new URL\('\.\/([\w-]+-thread)\.js', import\.meta\.url\)/;
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/threads', import.meta.url));

/**
 * For vitest: what it compiles starts threads by the names that they have when they are built, and Node takes no
 * TypeScript. Each is built once a run, where packages are found.
 */
export function builtThreads() {
  const built = new Map<string, Promise<unknown>>();
  return {
    name: 'built-threads',
    enforce: 'pre' as const,
    async transform(code: string, id: string): Promise<string | undefined> {
      const [address, name] = ADDRESS.exec(code) ?? [];
      if (address === undefined || name === undefined) return undefined;
      const outfile = join(FOLDER, `${name}.mjs`);
      const entry = join(dirname(id), `${name}.ts`);
      const building = built.get(entry) ?? buildThread(entry, outfile);
      built.set(entry, building);
      await building;
      return code.replace(address, `new URL(${JSON.stringify(pathToFileURL(outfile).href)})`);
    },
  };
}

function buildThread(entry: string, outfile: string): Promise<unknown> {
  return build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
}
