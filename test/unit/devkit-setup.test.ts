import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

/**
 * In place of npm: keeps a record of how it was called, "installs" a vitest and "builds" a demo that do the same,
 * and fails where the file `broken` says so.
 */
const NPM = `
  const fs = require('node:fs');
  const [command] = process.argv.slice(2);
  fs.appendFileSync('record', 'npm ' + process.argv.slice(2).join(' ') + '\\n');
  fs.writeFileSync('npm-cache', String(process.env.npm_config_cache));
  if (fs.existsSync('broken') && fs.readFileSync('broken', 'utf8') === command) {
    console.error('the reason');
    process.exit(1);
  }
  const write = (file, content) => {
    fs.mkdirSync(require('node:path').dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  };
  const program = (name) =>
    "import fs from 'node:fs';" +
    "fs.appendFileSync('record', '" + name + " ' + process.argv.slice(2).join(' ') + ' ' + process.env.CHROME_PATH + '\\\\n');" +
    "process.exitCode = Number(fs.readFileSync('exit-code', 'utf8'));";
  if (command === 'ci') {
    fs.rmSync('node_modules', { recursive: true, force: true });
    write('node_modules/vitest/vitest.mjs', program('vitest'));
  } else {
    write('dist/devkit/demo.js', program('demo'));
    write('dist/devkit/livekit-server.js', "export const ensureLiveKitServer = async (log) => log('fetching');");
    write('dist/devkit/model.js', 'export const ensureModel = async () => undefined;');
    write('dist/devkit/chromium.js', "export const ensureChromium = async () => 'a browser';");
    write('dist/devkit/redis.js', 'export const ensureRedis = async () => undefined;');
    write('dist/devkit/prometheus.js', 'export const ensurePrometheus = async () => undefined;');
    write('dist/devkit/s3-server.js', 'export const ensureS3Server = async () => undefined;');
    write('dist/devkit/helm.js', 'export const ensureHelm = async () => undefined;');
  }
`;

/** Not those of the run that this test is part of. */
const OWN = { CHROME_PATH: undefined, CAPTIONS_CACHE_DIR: undefined };

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'captions clone '));
  await put('package.json', '{ "type": "module" }');
  await put('npm/npm-cli.js', NPM);
  await put('npm/package.json', '{ "type": "commonjs" }');
  await put('package-lock.json', '{}');
  await put('tsconfig.json', '{}');
  await put('src/main.ts', '');
  await put('exit-code', '0');
  const setup = fileURLToPath(new URL('../../src/devkit/setup.mjs', import.meta.url));
  await mkdir(join(root, 'src/devkit'), { recursive: true });
  await copyFile(setup, join(root, 'src/devkit/setup.mjs'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function put(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), content);
}

/** Runs the set-up from another folder, and tells what it made of it: exit code, output, what it ran. */
async function setup(args: string[], env: NodeJS.ProcessEnv = {}) {
  await rm(join(root, 'record'), { force: true });
  const child = spawn(process.execPath, [join(root, 'src/devkit/setup.mjs'), ...args], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A test that gives up leaves nothing running.
    timeout: 60_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, ...OWN, npm_execpath: join(root, 'npm/npm-cli.js'), ...env },
  });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  const record = await readFile(join(root, 'record'), 'utf8').catch(() => '');
  return { code, output, errors, ran: record.split('\n').filter(Boolean) };
}

test('a fresh clone is installed, built and started; the second time it is only started', async () => {
  const first = await setup(['demo', '--seconds', '3']);
  expect(first.ran).toEqual([
    'npm ci --include=dev',
    'npm run build',
    'demo --seconds 3 undefined',
  ]);
  expect(first.output).toMatch(/npm ci.* done in \d+\.\d s\n.*npm run build.* done in \d+\.\d s\n/);
  const second = await setup(['demo']);
  expect(second.ran).toEqual(['demo  undefined']);
  expect(second.output).toBe('');
});

test('a changed source is built again, a changed lock file is installed again', async () => {
  await setup(['demo']);
  await put('src/other/new.ts', 'export {};');
  expect((await setup(['demo'])).ran).toEqual(['npm run build', 'demo  undefined']);
  await put('package-lock.json', '{ "new": true }');
  expect((await setup(['demo'])).ran).toEqual([
    'npm ci --include=dev',
    'npm run build',
    'demo  undefined',
  ]);
});

test('the tests get all that they need, and their arguments; exit codes pass through', async () => {
  await put('exit-code', '3');
  const { code, output, ran } = await setup(['test', 'some.test.ts', '-t', 'a name']);
  expect(code).toBe(3);
  expect(ran.at(-1)).toBe('vitest run some.test.ts -t a name a browser');
  expect(output).toMatch(/LiveKit server, .* … \n {2}fetching\n {2}done in/);
  expect((await setup(['ci'])).ran).toEqual([]);
});

test('the build alone gets nothing that only the tests need', async () => {
  const { code, output, ran } = await setup(['build']);
  expect(code).toBe(0);
  expect(ran).toEqual(['npm ci --include=dev', 'npm run build']);
  expect(output).not.toContain('fetching');
  expect((await setup(['ci'])).output).toContain('fetching');
});

test.each([
  ['ci', /the reason\n\n"npm ci" failed\..*registry/],
  ['run', /the reason\n\n"npm run" failed\..*do not compile/],
])(
  'when "npm %s" fails it says what to do, starts nothing, and tries again the next time',
  async (command, reason) => {
    await put('broken', command);
    const failed = await setup(['demo']);
    expect(failed.code).toBe(1);
    expect(failed.errors).toMatch(reason);
    expect(failed.ran.at(-1)).toMatch(new RegExp(`^npm ${command}`));
    await put('broken', '');
    expect((await setup(['demo'])).ran.at(-1)).toBe('demo  undefined');
  },
);

test('where npm cannot write its own cache it gets one beside ours', async () => {
  const env = {
    npm_config_cache: join(root, 'exit-code', 'npm'),
    CAPTIONS_CACHE_DIR: join(root, 'my cache'),
  };
  await setup(['demo'], env);
  expect(await readFile(join(root, 'npm-cache'), 'utf8')).toBe(join(root, 'my cache', 'npm'));
});

test('an unknown command is told, with what there is', async () => {
  const { code, errors, ran } = await setup(['dmeo']);
  expect(code).toBe(1);
  expect(errors).toContain('demo|test|bench|build|ci');
  expect(ran).toEqual([]);
});
