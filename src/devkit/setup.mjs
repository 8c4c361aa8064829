/*
 * From a fresh clone to something that runs. Plain JavaScript without packages, because it runs before there are any.
 *
 *   node src/devkit/setup.mjs demo [options of the demo]     npm run demo -- …
 *   node src/devkit/setup.mjs test [arguments of vitest]     npm test -- …
 *   node src/devkit/setup.mjs bench NAME                     npm run bench -- NAME
 *   node src/devkit/setup.mjs build                          the packages and the build alone
 *   node src/devkit/setup.mjs ci                             those, and all that the tests need besides
 */
/* global AbortController */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { constants as osConstants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MINIMUM_NODE = [20, 19];
const LOCK_STAMP = join(ROOT, 'node_modules', '.captions-lock');
const BUILD_STAMP = join(ROOT, 'dist', '.captions-build');

/** A step that did not work, with what to do about it. */
class SetupError extends Error {}

async function main([mode, ...args]) {
  checkNode();
  useWritableNpmCache();
  switch (mode) {
    case 'demo':
      await installAndBuild();
      return run(process.execPath, [join(ROOT, 'dist', 'devkit', 'demo.js'), ...args]);
    case 'bench':
      await installAndBuild();
      return run(process.execPath, [
        '--expose-gc',
        join(ROOT, 'dist', 'devkit', 'bench', 'main.js'),
        ...args,
      ]);
    case 'test': {
      const env = await prepareTests();
      const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
      return run(process.execPath, [vitest, 'run', ...args], env);
    }
    case 'build':
      await installAndBuild();
      return 0;
    case 'ci':
      await prepareTests();
      return 0;
    default:
      throw new SetupError('Usage: node src/devkit/setup.mjs demo|test|bench|build|ci [arguments]');
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = MINIMUM_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(
    `This is Node ${process.versions.node}; ${MINIMUM_NODE.join('.')} or later is needed (https://nodejs.org).`,
  );
}

async function installAndBuild() {
  const lock = digest([join(ROOT, 'package-lock.json')], `${process.platform} ${process.arch}`);
  if (read(LOCK_STAMP) !== lock) {
    await step('Installing the dependencies (npm ci)', async () => {
      // Development packages also where NODE_ENV=production would leave them out: the demo and the tests need them.
      await npm(
        ['ci', '--include=dev'],
        'Check the network and the registry in your npm settings, then run the same command again.',
      );
      await writeFile(LOCK_STAMP, lock);
    });
  }
  const sources = digest([
    ...filesBelow(join(ROOT, 'src')),
    join(ROOT, 'tsconfig.json'),
    join(ROOT, 'package.json'),
    LOCK_STAMP,
  ]);
  if (read(BUILD_STAMP) !== sources) {
    await step('Building (npm run build)', async () => {
      await rm(join(ROOT, 'dist'), { recursive: true, force: true });
      await npm(['run', 'build'], 'The sources do not compile: see the lines above.');
      await writeFile(BUILD_STAMP, sources);
    });
  }
}

/** @returns the environment for the tests */
async function prepareTests() {
  await installAndBuild();
  const { ensureLiveKitServer } = await built('livekit-server.js');
  const { ensureModel } = await built('model.js');
  const { ensureChromium } = await built('chromium.js');
  const { ensureRedis } = await built('redis.js');
  const { ensurePrometheus } = await built('prometheus.js');
  const { ensureS3Server } = await built('s3-server.js');
  const { ensureHelm } = await built('helm.js');
  const title = 'LiveKit server, speech model, browser, Redis, Prometheus, S3 server, Helm';
  const browser = await step(title, async (log) => {
    // The first time one compiles for minutes and the others download. What fails stops the rest.
    const stop = new AbortController();
    const parts = [
      ensureLiveKitServer(log, stop.signal),
      ensureModel(log, stop.signal),
      // One after the other: they may use the same package manager.
      ensureChromium(log).then(async (path) => {
        await ensureRedis(log);
        await ensurePrometheus(log);
        return path;
      }),
      ensureS3Server(log, stop.signal),
      ensureHelm(log, stop.signal),
    ];
    for (const part of parts) part.catch((error) => stop.abort(error));
    await Promise.allSettled(parts);
    return (await Promise.all(parts))[2];
  });
  return browser ? { ...process.env, CHROME_PATH: browser } : process.env;
}

function built(file) {
  return import(pathToFileURL(join(ROOT, 'dist', 'devkit', file)).href);
}

/** One line for a step, with the time that it took; what it says meanwhile comes on lines of its own. */
async function step(title, work) {
  const started = Date.now();
  let lineOpen = true;
  process.stdout.write(`${title} … `);
  const log = (line) => {
    console.log(`${lineOpen ? '\n' : ''}  ${line}`);
    lineOpen = false;
  };
  try {
    const result = await work(log);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${lineOpen ? '' : '  '}done in ${seconds} s`);
    return result;
  } catch (error) {
    console.log(`${lineOpen ? '' : '  '}failed`);
    throw error instanceof SetupError ? error : new SetupError(messageOf(error), { cause: error });
  }
}

/** npm in the root folder, quiet unless it fails. */
async function npm(args, advice) {
  const cli = process.env.npm_execpath;
  const known = cli?.endsWith('npm-cli.js');
  const [command, before] = known ? [process.execPath, [cli]] : ['npm', []];
  const child = spawn(command, [...before, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: !known && process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-8000)));
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new SetupError(`${output.trim()}\n\n"npm ${args[0]}" failed. ${advice}`);
}

/** npm has to have a cache: where its own cannot be written (a read-only home), one beside ours. */
function useWritableNpmCache() {
  const own = process.env.npm_config_cache ?? join(homedir(), '.npm');
  const other = process.env.CAPTIONS_CACHE_DIR;
  // In the environment, because npm is also what fetches the speech model.
  if (other && !isWritable(own)) process.env.npm_config_cache = join(other, 'npm');
}

/** Whether the folder can be written, or made. Not by making it: below /proc that never returns in Node 20. */
function isWritable(folder) {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    // Permissions alone do not tell: root has them on what is read-only.
    rmdirSync(mkdtempSync(join(existing, 'captions-')));
    return true;
  } catch {
    return false;
  }
}

/** Runs a program in this terminal. Ctrl-C reaches it from the terminal itself; we wait for what it does about it. */
async function run(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit' });
  const ignore = () => undefined;
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', ignore).on('SIGTERM', forward).on('SIGHUP', forward);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  });
  return signal ? 128 + osConstants.signals[signal] : code;
}

function digest(files, more = '') {
  const hash = createHash('sha256').update(more);
  for (const file of files)
    hash.update(`\0${file.slice(ROOT.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** Files that the build reads, in a fixed order. */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return /\.(wav|md)$/.test(entry.name) ? [] : [path];
    });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`\n${error instanceof SetupError ? error.message : error.stack}`);
  process.exitCode = 1;
}
