import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startOwned } from '../../src/devkit/process.js';

const BUILD =
  process.env['CAPTIONS_BUILD_DIR'] ?? fileURLToPath(new URL('../../dist', import.meta.url));
const onLinux = process.platform === 'linux' ? test : test.skip;

interface Run {
  readonly tracks: number;
  readonly words: number;
  readonly doubled: number;
  readonly foreign: number;
  readonly overheads: number;
  readonly cpuPerTrack: number;
  readonly idle: { readonly aloneMb: number };
}

onLinux(
  'the density benchmark follows the words of a room, and stops what it started',
  async () => {
    const args = ['density', '--rooms', '1', '--speakers', '0', '--seconds', '5'];
    const bench = startOwned(process.execPath, [join(BUILD, 'devkit/bench/main.js'), ...args]);
    const { code } = await bench.exited;
    const last = bench.lastLines().split('\n').at(-1) ?? '';
    expect(code, bench.lastLines()).toBe(0);
    const { contenders } = JSON.parse(last) as { contenders: { runs: Run[] }[] };
    const [run] = contenders.flatMap(({ runs }) => runs);
    // How well it does is for a quiet machine to say.
    expect(run).toMatchObject({ tracks: 1, words: 30, doubled: 0, foreign: 0 });
    expect(run?.overheads).toBeGreaterThan(0);
    expect(run?.cpuPerTrack).toBeGreaterThan(0);
    expect(run?.idle.aloneMb).toBeGreaterThan(20);
  },
);
