import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { type OwnedProcess, startOwned } from '../../src/devkit/process.js';

const BUILD = resolve(process.env['CAPTIONS_BUILD_DIR'] ?? 'dist');

let folder: string;
let demo: Demo | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'captions demo '));
});

afterEach(async () => {
  await demo?.process.kill();
  await rm(folder, { recursive: true, force: true });
});

interface Demo {
  readonly process: OwnedProcess;
  readonly lines: readonly string[];
  /** Where the parts of it listen, by what it printed. */
  readonly addresses: { readonly page: URL; readonly all: readonly URL[] };
}

/** Starts the demo as `npm run demo` does; resolves when it has told where the page is. */
async function startDemo(...args: string[]): Promise<Demo> {
  const lines: string[] = [];
  const health = await freeTcpPort();
  // A developer's own servers and keys stay out of it.
  const own = Object.entries(process.env).filter(([name]) => !/^(LIVEKIT|SMALLEST)_/.test(name));
  let opened: (line: string) => void = () => undefined;
  const open = new Promise<string>((resolve) => (opened = resolve));
  const program = startOwned(
    process.execPath,
    [join(BUILD, 'devkit/demo.js'), '--port=0', ...args],
    {
      env: {
        ...Object.fromEntries(own),
        TRANSCRIPT_DIR: join(folder, 'transcripts'),
        HEALTH_PORT: String(health),
      },
      cwd: folder,
      onLine: (line) => {
        lines.push(line);
        if (line.includes('Open  http')) opened(line);
      },
    },
  );
  await Promise.race([open, program.exited]);
  const address = (pattern: RegExp) => {
    const found = lines.map((line) => pattern.exec(line)?.[0]).find(Boolean);
    if (found === undefined)
      throw new Error(`The demo did not say ${pattern}:\n${lines.join('\n')}`);
    return new URL(found);
  };
  const page = address(/(?<=Open {2})http:\S+/);
  const worker = new URL(`http://127.0.0.1:${health}`);
  const all = [page, worker, address(/ws:\S+/), address(/http:\S+\/waves\/v1/)];
  return { process: program, lines, addresses: { page, all } };
}

/** Connections to all of its parts: each closes when the part has ended. */
async function holdOn(demo: Demo): Promise<Promise<unknown>[]> {
  const sockets = demo.addresses.all.map(({ hostname, port }) => connect(Number(port), hostname));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets.map(
    (socket) => new Promise((end) => socket.resume().on('error', end).on('close', end)),
  );
}

async function reachable({ hostname, port }: URL): Promise<boolean> {
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('people talk, the page is there, and at the end there is a transcript and nothing else', async () => {
  demo = await startDemo('--seconds=22');
  const answer = await fetch(demo.addresses.page);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('<html');
  expect(demo.lines.join('\n')).toMatch(/stand-in, not Pulse/);

  expect((await demo.process.exited).code).toBe(0);
  const files = await readdir(join(folder, 'transcripts'));
  const told = demo.lines.slice(demo.lines.indexOf('The transcript is in') + 1);
  expect(told.map((line) => resolve(folder, line.trim()))).toEqual(
    files.sort().map((file) => join(folder, 'transcripts', file)),
  );
  const vtt = files.find((file) => file.endsWith('.vtt')) ?? '';
  const transcript = await readFile(join(folder, 'transcripts', vtt), 'utf8');
  expect(transcript).toMatch(/<v Maya Lind>[^<]*library/i);
  expect(transcript).toMatch(/<v Tom Okafor>[^<]*(roof|windows)/i);
  for (const address of demo.addresses.all) expect(await reachable(address)).toBe(false);
});

test('Ctrl-C stops everything', async () => {
  demo = await startDemo('--no-people');
  demo.process.signal('SIGINT');
  expect((await demo.process.exited).code).toBe(0);
  expect(demo.lines).toContain('No transcript was written.');
  for (const address of demo.addresses.all) expect(await reachable(address)).toBe(false);
});

test('nothing of it outlives a demo that is killed', async () => {
  demo = await startDemo('--no-people');
  const closed = await holdOn(demo);
  demo.process.signal('SIGKILL');
  await Promise.all(closed);
});

test('a port that was asked for and is taken is an error, with nothing left running', async () => {
  demo = await startDemo('--no-people');
  const { port } = demo.addresses.page;
  const second = startOwned(
    process.execPath,
    [join(BUILD, 'devkit/demo.js'), '--no-people', `--port=${port}`],
    { cwd: folder, env: { ...process.env, HEALTH_PORT: '0' } },
  );
  expect((await second.exited).code).toBe(1);
  expect(second.lastLines()).toContain(port);
});

test('a LiveKit server that is named without its keys is an error', async () => {
  const program = startOwned(process.execPath, [join(BUILD, 'devkit/demo.js')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, LIVEKIT_URL: 'ws://127.0.0.1:1' },
  });
  expect((await program.exited).code).toBe(1);
  expect(program.lastLines()).toContain('LIVEKIT_API_SECRET');
});
