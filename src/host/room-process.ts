import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Beat, FromProcess, StreamsReport, ToProcess } from './process/messages.js';
import type { MetricsSnapshot } from '../metrics/snapshot.js';

/** What concerns one of its rooms. */
export type RoomMessage = Exclude<FromProcess, { type: 'ready' | 'beat' | 'streams' | 'metrics' }>;

export interface RoomProcessHandlers {
  /** What it does with its speech streams. */
  readonly streams: (process: RoomProcess, report: StreamsReport) => void;
  readonly message: (process: RoomProcess, message: RoomMessage) => void;
  /** At each sign of life: milliseconds of audio that it sent to the speech service since the last one. */
  readonly sent: (process: RoomProcess, audioMs: number) => void;
  /** Once, when it has ended, for whatever reason. */
  readonly exited: (process: RoomProcess, how: string) => void;
}

const ENTRY = fileURLToPath(new URL('./process/main.js', import.meta.url));
/** What it has unless whoever runs the worker says otherwise. */
const ENV = {
  // rtc-node prints debug lines unless this is set.
  NODE_ENV: 'production',
  // glibc gives each of the native library's threads an arena of its own, and none what another has freed: without a
  // limit more than half of what they take lies idle.
  MALLOC_ARENA_MAX: '2',
};

/** The supervisor's side of one process that captions rooms. */
export class RoomProcess {
  readonly #child: ChildProcess;
  readonly #startedAt: number;
  #ready = false;
  #exited = false;
  #joins = 0;
  #waiting: ToProcess[] = [];
  #beat: (Beat & { readonly at: number }) | undefined;
  #baseRssBytes = 0;
  #metrics: MetricsSnapshot = [];
  /** Why it was killed. */
  #reason: string | undefined;

  /** @param id tells it from every other process of every worker */
  constructor(
    readonly id: string,
    private readonly handlers: RoomProcessHandlers,
    private readonly monotonicNow: () => number,
  ) {
    this.#startedAt = monotonicNow();
    this.#child = fork(ENTRY, [], {
      env: { ...ENV, ...process.env, CAPTIONS_PROCESS_ID: id },
    });
    this.#child
      .on('message', (message) => this.#on(message as FromProcess))
      // It could not be started, or what we sent could not be delivered: `exit` follows or has been.
      .on('error', () => this.kill('it cannot be reached'))
      .on('exit', (code, signal) => this.#onExit(code, signal));
  }

  get running(): boolean {
    return !this.#exited && this.#reason === undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get beat(): Beat | undefined {
    return this.#beat;
  }

  /** Of memory, before it had a room; 0 until that is known. */
  get baseRssBytes(): number {
    return this.#baseRssBytes;
  }

  /** Rooms that it has come into so far: one that it could not connect to leaves nothing behind. */
  get joins(): number {
    return this.#joins;
  }

  /** What it measured, as it told last. */
  get metrics(): MetricsSnapshot {
    return this.#metrics;
  }

  /** Milliseconds since it last gave a sign of life. */
  silentFor(now: number): number {
    return now - (this.#beat?.at ?? this.#startedAt);
  }

  /** The time that passed without anybody looking at beats does not count: this process was frozen itself. */
  excuse(now: number): void {
    if (this.#beat) this.#beat = { ...this.#beat, at: now };
  }

  send(message: ToProcess): void {
    if (!this.#ready) this.#waiting.push(message);
    else this.#deliver(message);
  }

  #deliver(message: ToProcess): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** Lets it end by itself. */
  stop(): void {
    this.send({ type: 'stop' });
  }

  /** Ends it whatever it does; a process that is stopped too. */
  kill(reason: string): void {
    if (this.#exited) return;
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  }

  #on(message: FromProcess): void {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        for (const waiting of this.#waiting) this.#deliver(waiting);
        this.#waiting = [];
        return;
      case 'beat':
        this.#beat = { ...message.beat, at: this.monotonicNow() };
        if (this.#baseRssBytes === 0) this.#baseRssBytes = message.beat.rssBytes;
        this.handlers.sent(this, message.beat.audioMs);
        return;
      case 'streams':
        this.handlers.streams(this, message.report);
        return;
      case 'metrics':
        this.#metrics = message.snapshot;
        return;
      case 'joined':
        this.#joins += 1;
        this.handlers.message(this, message);
        return;
      case 'ended':
        this.handlers.message(this, message);
        return;
    }
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#exited) return;
    this.#exited = true;
    this.handlers.exited(this, this.#reason ?? (signal ? `signal ${signal}` : `exit code ${code}`));
  }
}
