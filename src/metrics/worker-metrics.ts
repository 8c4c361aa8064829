import { Counter, Gauge, Registry } from 'prom-client';
import type { EndReason } from '../host/process/messages.js';
import { VERSION } from '../version.js';
import { END_REASONS } from './label-values.js';
import { ProcessUsage } from './process-usage.js';
import { countsOf, mergeSnapshots, type MetricsSnapshot, writeSnapshots } from './snapshot.js';

/** A worker as it is when somebody looks. */
export interface WorkerNow {
  readonly registered: boolean;
  readonly pulseReachable: boolean;
  /** 0 to 1, as LiveKit is told it. */
  readonly load: number;
  readonly full: boolean;
  readonly draining: boolean;
  readonly roomProcesses: number;
  readonly joining: number;
  /** Rooms that are to have captions and have none, because this worker may not take them. */
  readonly uncaptioned: number;
  /** Pulse streams of the account; undefined: not limited. */
  readonly maxStreams: number | undefined;
}

/** What the whole worker measures: the supervisor in its own registry, together with what its room processes tell. */
export class WorkerMetrics {
  readonly #registry = new Registry();
  readonly #usage: ProcessUsage;
  readonly #ended: Counter<'reason'>;
  readonly #died: Counter;
  /** Of all room processes that have ended. */
  #counted: Promise<MetricsSnapshot> = Promise.resolve([]);

  constructor(now: () => WorkerNow) {
    const registers = [this.#registry];
    this.#usage = new ProcessUsage(this.#registry, 'supervisor');
    new Gauge({
      name: 'captions_build_info',
      help: 'Always 1; which version runs, on which Node.',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version: VERSION, node: process.version }, 1);
    for (const { name, help, read } of WORKER_GAUGES) {
      new Gauge({
        name: `captions_${name}`,
        help,
        registers,
        collect() {
          this.set(Number(read(now())));
        },
      });
    }
    this.#ended = new Counter({
      name: 'captions_captioners_ended_total',
      help: 'Captioners that are no longer in their room, by why; `lost` and `failed` come again.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of END_REASONS) this.#ended.inc({ reason }, 0);
    this.#died = new Counter({
      name: 'captions_room_processes_died_total',
      help: 'Room processes that ended while they had rooms, which were joined again.',
      registers,
    });
  }

  captionerEnded(reason: EndReason): void {
    this.#ended.inc({ reason });
  }

  processDied(): void {
    this.#died.inc();
  }

  /**
   * Keeps what a room process has counted until its end. To be called in the same turn of the event loop in which it
   * leaves those that `write` is given.
   */
  retire(last: MetricsSnapshot): void {
    this.#counted = this.#counted.then((before) => mergeSnapshots([before, countsOf(last)]));
  }

  /** What the supervisor measures itself. */
  snapshot(): Promise<MetricsSnapshot> {
    return this.#registry.getMetricsAsJSON();
  }

  /**
   * @param running what the running room processes told last
   * @returns all of it, as Prometheus reads it
   */
  async write(running: readonly MetricsSnapshot[]): Promise<string> {
    const [own, counted] = await Promise.all([this.snapshot(), this.#counted]);
    return writeSnapshots([own, ...running, counted]);
  }

  /** Idempotent. */
  close(): void {
    this.#usage.close();
  }
}

const WORKER_GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly read: (now: WorkerNow) => number | boolean;
}[] = [
  {
    name: 'registered',
    help: '1 while the worker is registered with LiveKit.',
    read: ({ registered }) => registered,
  },
  {
    name: 'pulse_reachable',
    help: "1 while Pulse's address takes connections.",
    read: ({ pulseReachable }) => pulseReachable,
  },
  {
    name: 'worker_load',
    help: 'Share of what limits the worker that is used, as LiveKit is told it; from 0.7 on it gets no room.',
    read: ({ load }) => load,
  },
  {
    name: 'worker_full',
    help: '1 while the worker takes no new room because something is used up.',
    read: ({ full }) => full,
  },
  {
    name: 'worker_draining',
    help: '1 while the worker takes no new room because it is to end.',
    read: ({ draining }) => draining,
  },
  {
    name: 'room_processes',
    help: 'Processes for rooms, with the one that is ready for the next.',
    read: ({ roomProcesses }) => roomProcesses,
  },
  {
    name: 'rooms_joining',
    help: 'Rooms that a captioner is on its way to.',
    read: ({ joining }) => joining,
  },
  {
    name: 'rooms_uncaptioned',
    help: 'Rooms that are to have captions and have none, because this worker may take no more.',
    read: ({ uncaptioned }) => uncaptioned,
  },
  {
    name: 'streams_limit',
    help: "Pulse streams of the account's plan (PULSE_MAX_STREAMS); 0: not limited.",
    read: ({ maxStreams }) => maxStreams ?? 0,
  },
];
