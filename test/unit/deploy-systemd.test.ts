import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const UNIT = fileURLToPath(new URL('../../deploy/systemd/captions.service', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));
const run = promisify(execFile);

test('the unit starts the command of the package, and waits half a minute more than it drains', async () => {
  const unit = await readFile(UNIT, 'utf8');
  const { bin } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { bin: { captions: string } };
  expect(unit).toMatch(
    new RegExp(`^ExecStart=/usr/bin/node /opt/\\S+/${bin.captions} start$`, 'm'),
  );
  const drain = Number(/DRAIN_SECONDS=(\d+)/.exec(unit)?.[1]);
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBe(drain + 30);
});

test('systemd itself finds nothing wrong in it', async (context) => {
  const version = await run('systemd-analyze', ['--version']).catch(() => undefined);
  if (!version) return context.skip('no systemd-analyze');
  const folder = await mkdtemp(join(tmpdir(), 'unit-'));
  try {
    const unit = join(folder, 'captions.service');
    // Node may be elsewhere on this machine.
    await writeFile(
      unit,
      (await readFile(UNIT, 'utf8')).replace('/usr/bin/node', process.execPath),
    );
    const { stdout, stderr } = await run('systemd-analyze', ['verify', unit]);
    // It may have something to say about the machine's own units.
    const said = `${stdout}${stderr}`.split('\n');
    expect(said.filter((line) => line.includes('captions'))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
