import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface OwnedProcessOptions {
  /** The whole environment of the process. Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Each line that it prints, to stdout or stderr. */
  readonly onLine?: (line: string) => void;
  /** Kills it when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A process that cannot outlive us, whatever ends us. It has a session of its own, so the terminal's Ctrl-C
 * reaches us alone and we choose the order in which things stop.
 */
export interface OwnedProcess {
  readonly pid: number | undefined;
  /** Resolves when it has ended, also when it could not be started (then `code` is null). Never rejects. */
  readonly exited: Promise<Exit>;
  readonly running: boolean;
  /** The last lines that it printed, for error messages. */
  lastLines(): string;
  /** Sends a signal to the process alone. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL to it and all that it started. Resolves when it has ended. */
  kill(): Promise<void>;
}

const KEPT_LINES = 20;

/*
 * The shell becomes the process itself (`exec`: same pid, its signals, its exit code). Before, it leaves a
 * watcher behind that reads from descriptor 3. We hold the other end and never write to it, so the read ends
 * when we do, and the watcher then kills the whole session.
 */
const LIFELINE = '{ read -r _ <&3; kill -9 -$$; } >/dev/null 2>&1 & exec "$@" 3<&-';

export function startOwned(
  command: string,
  args: readonly string[],
  options: OwnedProcessOptions = {},
): OwnedProcess {
  const child = spawnWithLifeline(command, args, options);
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    options.onLine?.(line);
  };
  for (const output of [child.stdout, child.stderr]) {
    if (output) createInterface({ input: output }).on('line', keep);
  }
  let running = true;

  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      keep(error.message);
      letGo();
      resolve({ code: null, signal: null });
    });
    child.once('exit', () => {
      letGo();
      // The watcher, and whatever else it left behind, would hold the pipes open.
      killGroup();
      child.stdio[3]?.destroy();
    });
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });

  function letGo(): void {
    running = false;
    release(killGroup);
    options.signal?.removeEventListener('abort', killGroup);
  }

  function killGroup(): void {
    if (child.pid === undefined) return;
    try {
      if (process.platform === 'win32') child.kill('SIGKILL');
      else process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  }
  killAtExit(killGroup);
  if (options.signal?.aborted) killGroup();
  options.signal?.addEventListener('abort', killGroup);

  return {
    pid: child.pid,
    exited,
    get running() {
      return running;
    },
    lastLines: () => lines.join('\n'),
    signal(signal) {
      if (running) child.kill(signal);
    },
    async kill() {
      if (running) killGroup();
      await exited;
    },
  };
}

const killers = new Set<() => void>();

function killAll(): void {
  for (const kill of killers) kill();
}

/** One listener for all processes: many of them are no leak that Node should warn about. */
function killAtExit(kill: () => void): void {
  if (killers.size === 0) process.on('exit', killAll);
  killers.add(kill);
}

function release(kill: () => void): void {
  killers.delete(kill);
  if (killers.size === 0) process.off('exit', killAll);
}

function spawnWithLifeline(
  command: string,
  args: readonly string[],
  { env, cwd }: OwnedProcessOptions,
): ChildProcess {
  const common = { env: env ?? process.env, ...(cwd !== undefined && { cwd }) };
  if (process.platform === 'win32') {
    return spawn(command, args, { ...common, stdio: ['ignore', 'pipe', 'pipe'] });
  }
  return spawn('/bin/sh', ['-c', LIFELINE, 'sh', command, ...args], {
    ...common,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
}
