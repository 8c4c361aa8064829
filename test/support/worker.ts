import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, startOwned } from '../../src/devkit/process.js';

/** The environment that a worker needs, from the servers of a test. */
export interface WorkerSurroundings {
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly pulse: { readonly baseUrl: string; readonly apiKey: string };
}

export interface TestWorkerOptions {
  /** All that it has besides what any process needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that stand in a `.env` in its working directory. */
  readonly dotenv?: Readonly<Record<string, string>>;
  /** The compiled package. Default: `CAPTIONS_BUILD_DIR`, else `dist` in the repository. */
  readonly buildDir?: string;
  /** Below `buildDir`, with arguments. Default: what `npm start` runs. */
  readonly command?: readonly string[];
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly pid?: number;
  /** Of a line of a room process: its name. */
  readonly process?: string;
  readonly room?: string;
  readonly track?: string;
  readonly code?: string;
  readonly state?: string;
  readonly cause?: string;
}

/** The built worker as a process of its own, in a working directory of its own. */
export interface TestWorker {
  /** Where its transcripts are unless `TRANSCRIPT_DIR` says otherwise: `transcripts` below this. */
  readonly directory: string;
  /** What it printed that was a line of its log, and what was not. */
  readonly log: readonly LogLine[];
  readonly printed: readonly string[];
  readonly exited: Promise<Exit>;
  /** Of the supervisor. */
  readonly pid: number;
  /** Whether a captioner is in one of this worker's room processes. */
  isIn(captioner: { readonly attributes: Record<string, string> } | undefined): boolean;
  /** Resolves when it is registered with LiveKit. */
  ready(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal to the process that the room with this sid is in, by its latest log line. */
  signalRoomProcess(room: string, signal: NodeJS.Signals): void;
  /** Asks it to stop, at once; resolves when it has. */
  stop(): Promise<Exit>;
  /** Ends it whatever it does, and removes its directory. May be called more than once. */
  close(): Promise<void>;
}

const PATIENCE_MS = 60_000;

/** A worker's variables for the servers of a test. Ours are kept out: a developer's may point anywhere. */
export function surroundingsEnv({ livekit, pulse }: WorkerSurroundings): Record<string, string> {
  return {
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret,
    SMALLEST_BASE_URL: pulse.baseUrl,
    SMALLEST_API_KEY: pulse.apiKey,
    HEALTH_PORT: '0',
    // The recogniser and the people of the test are on the same machine.
    MAX_CPU_PERCENT: '100',
    // Tests see by the streams who is heard, also before anybody speaks.
    PULSE_GATE: 'off',
  };
}

export async function startTestWorker(options: TestWorkerOptions): Promise<TestWorker> {
  const { env, dotenv, command = ['main.js'], buildDir = defaultBuildDir() } = options;
  const directory = await mkdtemp(join(tmpdir(), 'captions-worker-'));
  if (dotenv) await writeFile(join(directory, '.env'), dotenvText(dotenv));
  const log: LogLine[] = [];
  const printed: string[] = [];
  const listeners = new Set<() => void>();
  const [script = 'main.js', ...args] = command;
  const program = startOwned(process.execPath, [join(buildDir, script), ...args], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', HOME: directory, ...env },
    onLine: (line) => {
      const parsed = parseLine(line);
      if (parsed) log.push(parsed);
      else printed.push(line);
      for (const listener of listeners) listener();
    },
  });

  /** Resolves when its log has a line that begins so. */
  const said = (beginning: string) =>
    new Promise<void>((resolve, reject) => {
      const settle = (fault?: string) => {
        clearTimeout(timer);
        listeners.delete(look);
        if (fault === undefined) resolve();
        else reject(new Error(`the worker ${fault}:\n${program.lastLines()}`));
      };
      const look = () => {
        if (log.some(({ msg }) => msg.startsWith(beginning))) settle();
      };
      const timer = setTimeout(() => settle(`does not say "${beginning}"`), PATIENCE_MS);
      listeners.add(look);
      void program.exited.then(() => settle(`ended without saying "${beginning}"`));
      look();
    });

  const stop = async () => {
    program.signal('SIGTERM');
    // Two signals at once may arrive as one.
    await said('stopping');
    program.signal('SIGTERM');
    const timer = setTimeout(() => void program.kill(), PATIENCE_MS);
    const exit = await program.exited;
    clearTimeout(timer);
    return exit;
  };

  return {
    directory,
    log,
    printed,
    exited: program.exited,
    pid: program.pid ?? 0,
    isIn: (captioner) => {
      const name = captioner?.attributes['captions.process'];
      return name !== undefined && log.some((line) => line.process === name);
    },
    ready: () => said('ready'),
    signal: (signal) => program.signal(signal),
    signalRoomProcess(room, signal) {
      const line = log.findLast((one) => one.room === room && one.process !== undefined);
      if (line?.pid === undefined) throw new Error('no room process has logged anything about it');
      process.kill(line.pid, signal);
    },
    stop,
    async close() {
      await program.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function dotenvText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function defaultBuildDir(): string {
  return process.env['CAPTIONS_BUILD_DIR'] ?? fileURLToPath(new URL('../../dist', import.meta.url));
}

function parseLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
