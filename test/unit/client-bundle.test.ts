import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const CLIENT = fileURLToPath(new URL('../../src/client/', import.meta.url));
const BUDGET = 8000;

/** What a browser loads of an app that does this, without the packages that the app has anyway. */
async function bundle(source: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: CLIENT, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['livekit-client', 'react'],
    write: false,
    metafile: true,
    absWorkingDir: CLIENT,
  });
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild wrote nothing');
  const inputs = Object.keys(metafile.inputs).filter((name) => name !== '<stdin>');
  const imports = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  return {
    bytes: gzipSync(file.contents).length,
    inputs,
    packages: imports.map(({ path }) => path),
  };
}

test('everything but React is within its 8 kB, and needs nothing but the client’s own files', async () => {
  const { bytes, inputs, packages } = await bundle(
    `export * from './index.ts'; export * from './element.ts';`,
  );
  expect(bytes).toBeLessThanOrEqual(BUDGET);
  expect(packages).toEqual([]);
  expect(inputs.filter((name) => name.includes('/'))).toEqual([]);
});

test('what is not used is not loaded', async () => {
  const { bytes, inputs } = await bundle(
    `import { RoomCaptions } from './index.ts'; export const captions = RoomCaptions;`,
  );
  expect(bytes).toBeLessThanOrEqual(BUDGET / 2);
  expect((await bundle(`export { overlap } from './index.ts';`)).bytes).toBeLessThan(300);
  expect(inputs).not.toContain('element.ts');
});

test('React is the app’s', async () => {
  const { packages } = await bundle(`export * from './react.ts';`);
  expect([...new Set(packages)]).toEqual(['react']);
});

test('a server that renders pages can import it: nothing happens', async () => {
  const { defineRoomCaptions } = await import('../../src/client/element.js');
  expect(() => defineRoomCaptions()).not.toThrow();
});
