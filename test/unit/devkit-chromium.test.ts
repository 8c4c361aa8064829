import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureChromium, findChromium } from '../../src/devkit/chromium.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'captions browser '));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function program(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
}

test('CHROME_PATH counts before what is on the PATH', async () => {
  const onPath = await program('chromium');
  const chosen = await program('my browser');
  expect(findChromium({ PATH: folder }, 'linux')).toBe(onPath);
  expect(findChromium({ PATH: folder, CHROME_PATH: chosen }, 'linux')).toBe(chosen);
});

test('a CHROME_PATH that is no program is an error, not another browser', async () => {
  await program('chromium');
  const env = { PATH: folder, CHROME_PATH: join(folder, 'none') };
  expect(() => findChromium(env, 'linux')).toThrow(/CHROME_PATH is ".*none"/);
});

test.each(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'])(
  'finds %s on the PATH',
  async (name) => {
    const path = await program(name);
    expect(findChromium({ PATH: `/nowhere:${folder}` }, 'linux')).toBe(path);
  },
);

test('finds nothing where there is nothing', () => {
  expect(findChromium({ PATH: folder }, 'linux')).toBeUndefined();
  expect(findChromium({}, 'linux')).toBeUndefined();
});

test('without a browser the tests are skipped with a message, and fail in CI', async () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  expect(await ensureChromium(log, { PATH: folder })).toBeUndefined();
  expect(await ensureChromium(log, { PATH: folder, CI: 'false' })).toBeUndefined();
  expect(lines.join('\n')).toMatch(/CHROME_PATH[^]*skipped/);
  await expect(ensureChromium(log, { PATH: folder, CI: 'true' })).rejects.toMatchObject({
    code: 'CHROMIUM_MISSING',
    message: expect.stringContaining('CHROME_PATH') as string,
  });
});
