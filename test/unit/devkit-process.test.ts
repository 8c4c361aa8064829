import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { startOwned } from '../../src/devkit/process.js';

const NODE = process.execPath;
const posix = process.platform === 'win32' ? test.skip : test;

test('tells how a process ended and what it said last', async () => {
  const seen: string[] = [];
  const script = "console.log('one'); console.error('two'); process.exit(3)";
  const child = startOwned(NODE, ['-e', script], { onLine: (line) => seen.push(line) });
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.running).toBe(false);
  expect(seen.sort()).toEqual(['one', 'two']);
  expect(child.lastLines().split('\n').sort()).toEqual(['one', 'two']);
});

test('a program that does not exist ends at once', async () => {
  const child = startOwned('/nowhere/at-all', []);
  expect((await child.exited).code).not.toBe(0);
  expect(child.lastLines()).toContain('/nowhere/at-all');
  await child.kill();
});

test('passes arguments, environment and folder on as they are', async () => {
  const script = 'console.log(JSON.stringify([process.argv[1], process.env.A, process.cwd()]))';
  const argument = `a "b" $HOME 'c'`;
  const env = { PATH: process.env['PATH'], A: 'x y' };
  const child = startOwned(NODE, ['-e', script, argument], { env, cwd: '/' });
  await child.exited;
  expect(JSON.parse(child.lastLines())).toEqual([argument, 'x y', '/']);
});

posix('signals reach the process itself, under the pid that is told', async () => {
  const script =
    "process.on('SIGTERM', () => process.exit(7)); console.log(process.pid); setInterval(() => {}, 1e6)";
  const lines = new EventEmitter();
  const said = once(lines, 'line');
  const child = startOwned(NODE, ['-e', script], { onLine: (line) => lines.emit('line', line) });
  expect(await said).toEqual([String(child.pid)]);
  child.signal('SIGTERM');
  expect((await child.exited).code).toBe(7);
});

/** Connects to the port, and starts another that does the same: both hang up only by dying. */
const FAMILY = `
  const [, port, generations] = process.argv;
  require('node:net').connect(Number(port)).on('error', () => {});
  if (generations > 1) {
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['-e', process.env.FAMILY, port, generations - 1], { stdio: 'inherit' });
  }
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1e6);
`;

async function familyServer(): Promise<{
  port: number;
  members: Promise<Socket[]>;
  end: () => void;
}> {
  const server = createServer();
  const members = new Promise<Socket[]>((resolve) => {
    const sockets: Socket[] = [];
    server.on('connection', (socket) => {
      sockets.push(socket.resume().on('error', () => undefined));
      if (sockets.length === 2) resolve(sockets);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, members, end: () => server.close() };
}

posix('kill ends the process and what it started', async () => {
  const { port, members, end } = await familyServer();
  const env = { ...process.env, FAMILY };
  const child = startOwned(NODE, ['-e', FAMILY, String(port), '2'], { env });
  const gone = (await members).map((member) => once(member, 'close'));
  await child.kill();
  await child.kill();
  await Promise.all(gone);
  end();
});

posix('a process does not outlive us, even when we are killed without warning', async () => {
  const { port, members, end } = await familyServer();
  const folder = await mkdtemp(join(tmpdir(), 'captions process '));
  const source = await readFile(new URL('../../src/devkit/process.ts', import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  await writeFile(join(folder, 'process.mjs'), outputText);
  const start = `import { startOwned } from './process.mjs';
    startOwned(process.execPath, ['-e', process.env.FAMILY, '${port}', '2']);`;
  await writeFile(join(folder, 'owner.mjs'), start);

  const owner = spawn(NODE, [join(folder, 'owner.mjs')], {
    stdio: 'ignore',
    env: { ...process.env, FAMILY },
  });
  const gone = (await members).map((member) => once(member, 'close'));
  owner.kill('SIGKILL');
  await Promise.all(gone);
  end();
  await rm(folder, { recursive: true });
});
