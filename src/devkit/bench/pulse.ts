import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { PulseEvent } from '../../pulse/events.js';
import { PulseStream } from '../../pulse/stream.js';

const RATE = 16_000;
const FRAME_MS = 50;
const SPEAK_MS = 10_000;
const OUTAGE_MS = 5000;
/** A backlog counts as caught up when not much more is unconfirmed than always: a final comes every 1.5 s. */
const CAUGHT_UP_MS = 3000;
const COUNTS = [1, 10, 100, 500];

interface Figures {
  readonly streams: number;
  /** Seconds of CPU of this process for each second of one stream. */
  readonly cpuPerStreamSecond: number;
  readonly memoryPerStreamKb: number;
  /** Times real time, of the slowest stream, from its connection to the end of its backlog. */
  readonly catchUp: number;
  readonly gaps: number;
}

/** What the Pulse client costs, and how fast it catches up after an outage, with more and more streams. */
export async function benchPulse(args: readonly string[]): Promise<object> {
  const counts = args.length > 0 ? args.map(Number) : COUNTS;
  const runs: Figures[] = [];
  for (const count of counts) {
    const figures = await measure(count);
    console.log(
      `${count} streams: ${figures.cpuPerStreamSecond.toFixed(4)} cores and ${figures.memoryPerStreamKb} kB each, caught up at ${figures.catchUp.toFixed(1)} times real time`,
    );
    runs.push(figures);
  }
  return { bench: 'pulse', node: process.version, runs };
}

async function measure(count: number): Promise<Figures> {
  const server = fork(fileURLToPath(new URL('./pulse-server-process.js', import.meta.url)));
  try {
    const [url] = (await once(server, 'message')) as [string];
    return await withServer(server, url, count);
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
}

async function withServer(server: ChildProcess, url: string, count: number): Promise<Figures> {
  globalThis.gc?.();
  const memoryBefore = process.memoryUsage().rss;
  const streams = Array.from({ length: count }, () => new MeasuredStream(url));
  const speaker = startSpeaking(streams);
  await delay(2000);
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  await delay(SPEAK_MS);
  const cpu = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - began) / 1000;
  const memory = process.memoryUsage().rss - memoryBefore;

  for (const stream of streams) stream.watchForCatchUp();
  server.send('down');
  await delay(OUTAGE_MS);
  server.send('up');
  while (streams.some((stream) => stream.catchUp === undefined)) await delay(50);
  speaker.stop();
  for (const { stream } of streams) stream.close();
  return {
    streams: count,
    cpuPerStreamSecond: round((cpu.user + cpu.system) / 1e6 / seconds / count, 5),
    memoryPerStreamKb: Math.round(memory / 1024 / count),
    catchUp: round(Math.min(...streams.map(({ catchUp = 0 }) => catchUp)), 2),
    gaps: streams.reduce((sum, { gaps }) => sum + gaps, 0),
  };
}

class MeasuredStream {
  readonly stream: PulseStream;
  gaps = 0;
  /** How many times faster than real time the backlog went, once it has. */
  catchUp: number | undefined;
  #watching = false;
  #back: { readonly at: number; readonly backlog: number } | undefined;

  constructor(url: string) {
    this.stream = new PulseStream(
      { apiKey: 'bench', baseUrl: url, vadEvents: true },
      { onEvent: (event) => this.#on(event) },
    );
  }

  watchForCatchUp(): void {
    this.#watching = true;
  }

  #on(event: PulseEvent): void {
    if (event.type === 'gap') this.gaps += 1;
    if (!this.#watching) return;
    if (event.type === 'connection') {
      const live = event.state === 'live';
      this.#back = live ? { at: performance.now(), backlog: this.stream.unconfirmedMs } : undefined;
    }
    if (event.type === 'final' && this.#back) this.#look(this.#back);
  }

  #look({ at, backlog }: { readonly at: number; readonly backlog: number }): void {
    const left = this.stream.unconfirmedMs;
    if (left > CAUGHT_UP_MS || this.catchUp !== undefined) return;
    const took = performance.now() - at;
    this.catchUp = (backlog - left + took) / took;
  }
}

/** The same noise into every stream, in real time. */
function startSpeaking(streams: readonly MeasuredStream[]): { stop(): void } {
  const frame = Int16Array.from({ length: (RATE * FRAME_MS) / 1000 }, (_, index) =>
    Math.round(3000 * Math.sin(index)),
  );
  const began = performance.now();
  let at = 0;
  const timer = setInterval(() => {
    for (; at <= performance.now() - began; at += FRAME_MS) {
      for (const { stream } of streams) stream.push(frame, at);
    }
  }, FRAME_MS);
  return { stop: () => clearInterval(timer) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
