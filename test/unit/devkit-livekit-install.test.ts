import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureLiveKitServer } from '../../src/devkit/livekit-server.js';
import { releaseArchive } from '../../src/devkit/livekit-server/release.js';

const VERSION = '1.13.5';
const ARCHIVE = `livekit_${VERSION}_linux_amd64.tar.gz`;

let machine: string;
let cache: string;
let path: string;
let log: string[];
const servers: Server[] = [];

beforeEach(async () => {
  machine = await mkdtemp(join(tmpdir(), 'captions livekit '));
  cache = join(machine, 'cache');
  path = join(machine, 'bin');
  log = [];
  await mkdir(path);
});

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await rm(machine, { recursive: true });
});

function ensure(releases: string, signal?: AbortSignal): Promise<string> {
  return ensureLiveKitServer((line) => log.push(line), signal, {
    env: { PATH: path, CAPTIONS_CACHE_DIR: cache },
    platform: 'linux',
    arch: 'x64',
    releases,
  });
}

async function program(name: string, script: string): Promise<string> {
  const file = join(path, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Serves the files under `v<version>`; what is not there is 404. */
async function releaseServer(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const server = createServer((request, response) => {
    const file = files[(request.url ?? '').replace(`/v${VERSION}/`, '')];
    if (file === undefined) response.writeHead(404).end();
    else response.end(file);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function archive(content = 'the server'): Promise<{ bytes: Buffer; checksums: string }> {
  await writeFile(join(machine, 'livekit-server'), content, { mode: 0o755 });
  await writeFile(join(machine, 'LICENSE'), 'text');
  execFileSync('tar', ['-czf', 'archive', 'LICENSE', 'livekit-server'], { cwd: machine });
  const bytes = await readFile(join(machine, 'archive'));
  const sum = createHash('sha256').update(bytes).digest('hex');
  const checksums = `${'0'.repeat(64)}  livekit_${VERSION}_linux_arm64.tar.gz\n${sum}  ${ARCHIVE}\n`;
  return { bytes, checksums };
}

test('takes the one on the PATH', async () => {
  const installed = await program('livekit-server', 'exit 0');
  expect(await ensure('http://127.0.0.1:9')).toBe(installed);
});

test('downloads the release, checks it, and has it the next time without a network', async () => {
  const { bytes, checksums } = await archive();
  const releases = await releaseServer({ [ARCHIVE]: bytes, 'checksums.txt': checksums });
  const target = await ensure(releases);
  expect(target).toBe(join(cache, `livekit-server-${VERSION}`));
  expect(await readFile(target, 'utf8')).toBe('the server');
  expect(await readdir(cache)).toEqual([`livekit-server-${VERSION}`]);
  expect(await ensure('http://127.0.0.1:9')).toBe(target);
});

test.each<
  [string, (whole: { bytes: Buffer; checksums: string }) => Record<string, Buffer | string>, RegExp]
>([
  [
    'is not what its checksum says',
    ({ bytes, checksums }) => ({
      [ARCHIVE]: Buffer.concat([bytes, Buffer.from('x')]),
      'checksums.txt': checksums,
    }),
    /has the SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}/,
  ],
  ['has no checksum', ({ bytes }) => ({ [ARCHIVE]: bytes, 'checksums.txt': '' }), /no SHA-256 for/],
  ['is not there', ({ checksums }) => ({ 'checksums.txt': checksums }), /answered 404/],
  [
    'is no archive',
    () => {
      const bytes = Buffer.from('not an archive');
      const sum = createHash('sha256').update(bytes).digest('hex');
      return { [ARCHIVE]: bytes, 'checksums.txt': `${sum}  ${ARCHIVE}` };
    },
    /could not be unpacked/,
  ],
])('a download that %s is refused, and all other ways are named', async (_, files, reason) => {
  const releases = await releaseServer(files(await archive()));
  const error = await ensure(releases).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'LiveKitServerError', code: 'LIVEKIT_NOT_INSTALLED' });
  const { message } = error as Error;
  expect(message).toMatch(reason);
  for (const way of [
    'LIVEKIT_URL',
    'on the PATH',
    'brew install',
    'Go 1.26',
    'Go is not installed',
  ]) {
    expect(message).toContain(way);
  }
  expect(await readdir(cache)).toEqual([]);
});

test('without a network the reason is said', async () => {
  const releases = await releaseServer({});
  await new Promise((resolve) => servers.pop()?.close(resolve));
  await expect(ensure(releases)).rejects.toThrow(/could not be fetched: .*ECONNREFUSED/);
});

/** A Go that "builds" by writing a file, and keeps a record of how it was called. */
function fakeGo(version: string, install: string): Promise<string> {
  return program(
    'go',
    `case "$1" in
      version) echo "go version go${version} linux/amd64" ;;
      env) echo "${machine}/go-$2" ;;
      install) echo "$GOBIN $*" > "${machine}/record"; ${install} ;;
    esac`,
  );
}

test('builds with a recent Go, in a folder that is gone afterwards', async () => {
  await fakeGo('1.26.0', `echo compiled > "$GOBIN/server"; /bin/chmod +x "$GOBIN/server"`);
  const target = await ensure('http://127.0.0.1:9');
  expect(await readFile(target, 'utf8')).toBe('compiled\n');
  expect(await readdir(cache)).toEqual([`livekit-server-${VERSION}`]);
  expect(await readFile(join(machine, 'record'), 'utf8')).toContain(
    `github.com/livekit/livekit-server/cmd/server@v${VERSION}`,
  );
});

test('takes the release where Go is too old, or its build fails', async () => {
  const { bytes, checksums } = await archive();
  const releases = await releaseServer({ [ARCHIVE]: bytes, 'checksums.txt': checksums });
  await fakeGo('1.25.9', 'exit 1');
  const target = await ensure(releases);
  await expect(readFile(join(machine, 'record'))).rejects.toThrow();
  await rm(target);
  await fakeGo('1.27.1', 'echo "no space left" >&2; exit 1');
  expect(await ensure(releases)).toBe(target);
  expect(log.join('\n')).toContain('no space left');
});

test.each(['before the compiler starts', 'while it runs'])('stops building: %s', async (moment) => {
  const stop = new AbortController();
  const enough = () => stop.abort(new Error('enough'));
  // The "compiler" says that it is there, and waits for ever.
  const { port, connected, end } = await callServer();
  await fakeGo('1.26.0', `exec "${process.execPath}" -e "require('net').connect(${port})"`);
  if (moment === 'while it runs') void connected.then(enough);
  const ensuring = ensureLiveKitServer(
    (line) => {
      if (moment !== 'while it runs' && line.includes('building')) enough();
    },
    stop.signal,
    { env: { PATH: path, CAPTIONS_CACHE_DIR: cache }, platform: 'linux', arch: 'x64' },
  );
  await expect(ensuring).rejects.toThrow('enough');
  expect(await readdir(cache)).toEqual([]);
  end();
});

async function callServer(): Promise<{
  port: number;
  connected: Promise<unknown>;
  end: () => void;
}> {
  const server = createTcpServer((socket) => socket.resume().on('error', () => undefined));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, connected: once(server, 'connection'), end: () => server.close() };
}

test('the archives of the platforms', () => {
  expect(releaseArchive('1.2.3', 'linux', 'x64')).toBe('livekit_1.2.3_linux_amd64.tar.gz');
  expect(releaseArchive('1.2.3', 'linux', 'arm64')).toBe('livekit_1.2.3_linux_arm64.tar.gz');
  expect(releaseArchive('1.2.3', 'linux', 'arm')).toBe('livekit_1.2.3_linux_armv7.tar.gz');
  expect(releaseArchive('1.2.3', 'win32', 'x64')).toBe('livekit_1.2.3_windows_amd64.zip');
  expect(releaseArchive('1.2.3', 'darwin', 'arm64')).toBeUndefined();
  expect(releaseArchive('1.2.3', 'linux', 'riscv64')).toBeUndefined();
});
