import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startOwned } from '../../src/devkit/process.js';

const BUILD =
  process.env['CAPTIONS_BUILD_DIR'] ?? fileURLToPath(new URL('../../dist', import.meta.url));
const onLinux = process.platform === 'linux' ? test.concurrent : test.skip;

interface Run {
  readonly tracks: number;
  readonly words: number;
  readonly doubled: number;
  readonly foreign: number;
  readonly overheads: number;
  readonly cpuPerTrack: number;
  readonly idle: { readonly aloneMb: number };
}

interface Exported {
  readonly segments: number;
  readonly peakMb: number;
}

/** The figures of a benchmark that went well. */
async function figuresOf(...args: string[]): Promise<unknown> {
  const bench = startOwned(process.execPath, [
    '--expose-gc',
    join(BUILD, 'devkit/bench/main.js'),
    ...args,
  ]);
  const { code } = await bench.exited;
  expect(code, bench.lastLines()).toBe(0);
  return JSON.parse(bench.lastLines().split('\n').at(-1) ?? '');
}

test.concurrent(
  'the transcript of four hours keeps nothing in memory, and is exported whole in 150 MB',
  async () => {
    const { written, exports, bars } = (await figuresOf('transcript')) as {
      written: { segments: number };
      exports: Record<string, Exported>;
      bars: { bar: string; holds: boolean }[];
    };
    expect(written.segments).toBeGreaterThan(9000);
    expect(Object.keys(exports)).toEqual(['vtt', 'srt', 'json', 'txt', 'md', 'all']);
    for (const [name, { segments, peakMb }] of Object.entries(exports)) {
      expect(segments, name).toBe(written.segments);
      expect(peakMb, name).toBeLessThan(150);
    }
    expect(bars.filter(({ bar, holds }) => bar.startsWith('kept') && holds)).toHaveLength(1);
  },
);

onLinux(
  'the density benchmark follows the words of a room, and stops what it started',
  async () => {
    const args = ['density', '--rooms', '1', '--speakers', '0', '--seconds', '5'];
    const { contenders } = (await figuresOf(...args)) as { contenders: { runs: Run[] }[] };
    const [run] = contenders.flatMap(({ runs }) => runs);
    // How well it does is for a quiet machine to say.
    expect(run).toMatchObject({ tracks: 1, words: 30, doubled: 0, foreign: 0 });
    expect(run?.overheads).toBeGreaterThan(0);
    expect(run?.cpuPerTrack).toBeGreaterThan(0);
    expect(run?.idle.aloneMb).toBeGreaterThan(20);
  },
);
