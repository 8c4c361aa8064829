import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImageContent, makeImageContent } from '../../src/devkit/image/content.js';
import { execForm, type Stage } from '../../src/devkit/image/dockerfile.js';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { VERSION } from '../../src/version.js';
import { startTestLiveKit } from '../support/livekit.js';
import { startTestWorker, surroundingsEnv } from '../support/worker.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** Megabytes: what comes in by accident, with a new package, is noticed. */
const MOST_MB = 130;

let folder: string;
let image: ImageContent;
let last: Stage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  image = await makeImageContent(REPOSITORY, folder);
  last = image.stages.at(-1) ?? { name: '', image: '', instructions: [] };
  console.log(`/app has ${Math.round(image.bytes / 1e6)} MB`);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What the image runs, with arguments, as its user would: with a home that cannot be written. */
async function runImage(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [, script = ''] = execForm(last, 'ENTRYPOINT');
  const child = spawn(process.execPath, [script, ...args], {
    cwd: image.app,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  return { code, stdout, stderr };
}

test('the image has the package and what it needs, and nothing of development', async () => {
  const files = await readdir(image.app, { recursive: true });
  expect(files).toContain('dist/cli/captions.js');
  expect(files).toContain('dist/host/process/main.js');
  const development = /^dist\/devkit|^dist\/.*\.map$|^src\b|^test\b|\.wav$/;
  expect(files.filter((file) => development.test(file))).toEqual([]);
  const { devDependencies } = JSON.parse(
    await readFile(join(REPOSITORY, 'package.json'), 'utf8'),
  ) as { devDependencies: Record<string, string> };
  const packages = new Set(files.filter((file) => file.startsWith('node_modules/')));
  const unneeded = [...Object.keys(devDependencies), '@livekit/agents'];
  expect(unneeded.filter((name) => packages.has(`node_modules/${name}`))).toEqual([]);
  expect(image.bytes / 1e6).toBeLessThan(MOST_MB);
});

test('the image is for an LTS of Node, amd64 and arm64, not root, with signals that arrive', async () => {
  const bases = new Set(image.stages.map((stage) => stage.image));
  expect([...bases]).toEqual([expect.stringMatching(/^node:24\.\d+\.\d+-\w+-slim$/)]);
  const value = (keyword: string) =>
    last.instructions.findLast((one) => one.keyword === keyword)?.value;
  expect(value('USER')).toBe('1000:1000');
  expect(value('STOPSIGNAL')).toBe('SIGTERM');
  expect(execForm(last, 'ENTRYPOINT')).toEqual(['node', 'dist/cli/captions.js']);
  expect(execForm(last, 'CMD').length).toBeGreaterThan(0);
  expect(value('LABEL')).toContain(`image.version="${VERSION}"`);
  const lock = await readFile(join(REPOSITORY, 'package-lock.json'), 'utf8');
  const native = ['rtc-ffi-bindings', 'local-inference'];
  const wanted = native.flatMap((name) => [`${name}-linux-x64-gnu`, `${name}-linux-arm64-gnu`]);
  for (const name of wanted) expect(lock).toContain(`node_modules/@livekit/${name}"`);
});

test('nothing is copied from outside that is ignored', async () => {
  const ignored = (await readFile(join(REPOSITORY, '.dockerignore'), 'utf8')).split('\n');
  expect(ignored[0]).toBe('*');
  const sources = image.stages
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword, value }) => keyword === 'COPY' && !value.startsWith('--from'))
    .flatMap(({ value }) => value.split(' ').slice(0, -1));
  expect(sources.filter((source) => !ignored.includes(`!${source}`))).toEqual([]);
});

test('the command helps, and refuses to start without a configuration', async () => {
  expect(await runImage(['--help'])).toMatchObject({ code: 0, stderr: '' });
  const { code, stderr } = await runImage(['start'], { LIVEKIT_URL: 'nonsense' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/LIVEKIT_URL.*\n.*LIVEKIT_API_KEY/);
});

test('a worker of the image runs, is healthy by its own check, and stops at SIGTERM', async () => {
  const livekit = await startTestLiveKit();
  const port = await freeTcpPort();
  const health = () => {
    const [, ...args] = execForm(last, 'HEALTHCHECK');
    const env = { PATH: process.env['PATH'], HEALTH_PORT: String(port) };
    const child = spawn(process.execPath, args, { env });
    return new Promise((resolve) => child.once('close', resolve));
  };
  expect(await health()).toBe(1);
  const env = {
    ...surroundingsEnv({ livekit, pulse: { baseUrl: 'http://127.0.0.1:1', apiKey: 'key' } }),
    HEALTH_PORT: String(port),
    DRAIN_SECONDS: '0',
    HOME: '/nonexistent',
  };
  const buildDir = join(image.app, 'dist');
  const worker = await startTestWorker({ env, buildDir, command: ['cli/captions.js', 'start'] });
  try {
    // Only the folder of the transcripts may be written.
    await chmod(image.app, 0o555);
    await worker.ready();
    expect(await health()).toBe(0);
    const checked = await runImage(['check', '--json'], env);
    const { checks } = JSON.parse(checked.stdout) as { checks: { check: string; level: string }[] };
    const well = checks.filter(({ level }) => level === 'ok').map(({ check }) => check);
    expect(well, checked.stdout).toEqual(
      expect.arrayContaining(['worker', 'room', 'media', 'rpc']),
    );
    worker.signal('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.log.filter(({ level }) => level >= 50)).toEqual([]);
  } finally {
    await worker.close();
    await livekit.close();
  }
});
