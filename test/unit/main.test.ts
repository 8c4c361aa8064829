import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../src/cli/captions.js';
import { isEntry } from '../../src/cli/entry.js';
import { createLogger } from '../../src/logging.js';
import { runWorker } from '../../src/main.js';
import { onStopSignals } from '../../src/signals.js';

afterEach(() => {
  vi.restoreAllMocks();
});

function capture(stream: NodeJS.WriteStream): string[] {
  const written: string[] = [];
  vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  return written;
}

test('a worker without configuration says all that is missing and ends with 2', async () => {
  const stderr = capture(process.stderr);
  expect(await runWorker({})).toBe(2);
  const names = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'SMALLEST_API_KEY'];
  expect(stderr).toHaveLength(1);
  for (const name of names) expect(stderr[0]).toContain(name);
});

test('a worker whose health port is taken says so and ends with 2', async () => {
  const taken = createServer().listen(0, '0.0.0.0');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const stderr = capture(process.stderr);
  const code = await runWorker({
    LIVEKIT_URL: 'ws://127.0.0.1:9',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret',
    SMALLEST_API_KEY: 'smallest',
    HEALTH_PORT: String(port),
  });
  taken.close();
  expect(code).toBe(2);
  expect(stderr.join('')).toMatch(new RegExp(`${port}.*HEALTH_PORT`));
});

test.each([[['--help']], [['start', '--help']], [['-h']]])(
  'captions %j shows the usage',
  async (args) => {
    const stdout = capture(process.stdout);
    expect(await runCommand(args)).toBe(0);
    expect(stdout.join('')).toContain('start');
  },
);

test.each([[[]], [['strat']], [['start', '--fast']]])(
  'captions %j is refused with the usage and ends with 2',
  async (args) => {
    const stderr = capture(process.stderr);
    expect(await runCommand(args)).toBe(2);
    expect(stderr.join('')).toContain('captions <command>');
    for (const arg of args) expect(stderr.join('')).toContain(arg);
  },
);

test('a program is started by its file, also through a link, and by no other', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'entry-'));
  const [file, link, other] = ['program.js', 'link', 'other.js'].map((name) =>
    join(directory, name),
  );
  await writeFile(file ?? '', '');
  await writeFile(other ?? '', '');
  await symlink(file ?? '', link ?? '');
  const started = process.argv[1];
  const startedBy = [file, link, other].map((script) => {
    process.argv[1] = script ?? '';
    return isEntry(pathToFileURL(realpathSync(file ?? '')).href);
  });
  process.argv[1] = started ?? '';
  await rm(directory, { recursive: true });
  expect(startedBy).toEqual([true, true, false]);
});

test('the first signal drains, the second forces, later ones change nothing', () => {
  const before = process.listenerCount('SIGTERM');
  const calls: string[] = [];
  const release = onStopSignals(
    () => calls.push('drain'),
    () => calls.push('force'),
  );
  process.emit('SIGTERM');
  expect(calls).toEqual(['drain']);
  process.emit('SIGINT');
  process.emit('SIGTERM');
  expect(calls).toEqual(['drain', 'force']);
  release();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('a logger shows no secret, at whatever depth it is given one', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
  logger.info({ apiKey: 's1', pulse: { apiKey: 's2' }, config: { livekit: { apiSecret: 's3' } } });
  logger.child({ room: 'RM_1' }).warn({ headers: { authorization: 's4' } }, 'refused');
  expect(lines.join('')).not.toMatch(/s[1-4]/);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ room: 'RM_1', msg: 'refused' });
});
