import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Every so often the event loop is looked at, in milliseconds. */
const RESOLUTION_MS = 20;
/** A delay is shown for one to two of these: whoever scrapes may come seldom. */
const WINDOW_MS = 30_000;

/** What a process takes of the machine, in a registry. */
export class ProcessUsage {
  readonly #delay: IntervalHistogram;

  /** @param process what kind of process it is: `supervisor` or `room` */
  constructor(registry: Registry, process: 'supervisor' | 'room') {
    const registers = [registry];
    const labelNames = ['process'] as const;
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
    const delay = this.#delay;
    let windowBegan = performance.now();
    let before = 0;
    new Gauge({
      name: 'captions_process_resident_memory_bytes',
      help: 'Memory of the processes, summed by kind; what they share counts in each.',
      labelNames,
      registers,
      collect() {
        this.set({ process }, globalThis.process.memoryUsage.rss());
      },
    });
    new Counter({
      name: 'captions_process_cpu_seconds_total',
      help: 'CPU time of the processes, by kind.',
      labelNames,
      registers,
      collect() {
        const { user, system } = globalThis.process.cpuUsage();
        this.reset();
        this.inc({ process }, (user + system) / 1e6);
      },
    });
    new Gauge({
      name: 'captions_event_loop_delay_seconds',
      help: 'By how much the event loop was late, at most, in the last half minute; of the slowest process of a kind.',
      labelNames,
      aggregator: 'max',
      registers,
      collect() {
        const lateMs = delay.count > 0 ? Math.max(0, delay.max / 1e6 - RESOLUTION_MS) : 0;
        this.set({ process }, Math.max(before, lateMs) / 1000);
        if (performance.now() - windowBegan < WINDOW_MS) return;
        windowBegan = performance.now();
        before = lateMs;
        delay.reset();
      },
    });
  }

  /** Idempotent. */
  close(): void {
    this.#delay.disable();
  }
}
