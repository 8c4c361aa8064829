import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Output, OUTPUTS } from '../config/environment.js';
import { directionOf, type Level, type Step } from '../degradation/steps.js';
import type { PublishErrorCode } from '../publish/errors.js';
import type { ConnectionState } from '../pulse/events.js';
import type { CaptionerState } from '../room/status.js';
import { COUNTERS, type CounterName } from './counters.js';
import {
  CAPTION_KINDS,
  CAUSES,
  DEGRADATION_CAUSES,
  DIRECTIONS,
  PUBLISH_FAILURES,
  ROOM_STATES,
  STREAM_STATES,
} from './label-values.js';

export type CaptionKind = (typeof CAPTION_KINDS)[number];
export type Cause = (typeof CAUSES)[number];

/** The rooms of a process as they are when somebody looks. */
export interface RoomsNow {
  readonly states: readonly CaptionerState[];
  readonly streams: readonly ConnectionState[];
  /** Seconds that speech has waited for a final, where it has waited longest. */
  readonly lag: number;
  /** The most that any of them gives up, or the process in all of them. */
  readonly degradation: Level;
}

const MS = 0.001;

/** All that is measured of captions, over the rooms of one process. */
export class CaptionMetrics {
  readonly #counters: Readonly<Record<CounterName, Counter>>;
  readonly #reconnects: Counter<'cause'>;
  readonly #failures: Counter<'cause'>;
  readonly #publishFailures: Counter<'output' | 'code'>;
  readonly #overhead: Histogram<'output' | 'kind'>;
  readonly #latency: Histogram<'kind'>;
  readonly #catchUp: Histogram;
  readonly #steps: Counter<'direction' | 'cause'>;

  constructor(registry: Registry, rooms: () => RoomsNow) {
    const registers = [registry];
    const counterOf = (name: CounterName) =>
      new Counter({ name: `captions_${name}`, help: COUNTERS[name], registers });
    this.#counters = Object.fromEntries(
      Object.keys(COUNTERS).map((name) => [name, counterOf(name as CounterName)]),
    ) as Record<CounterName, Counter>;
    this.#reconnects = new Counter({
      name: 'captions_reconnects_total',
      help: 'Connections to Pulse that broke, could not be opened, or wait for a free stream (`no_stream`); all are tried again.',
      labelNames: ['cause'],
      registers,
    });
    this.#failures = new Counter({
      name: 'captions_stream_failures_total',
      help: 'Streams that Pulse refused for good: the track has no captions.',
      labelNames: ['cause'],
      registers,
    });
    this.#publishFailures = new Counter({
      name: 'captions_publish_failures_total',
      help: 'Captions that LiveKit did not take (finals are tried again), and finals that were given up.',
      labelNames: ['output', 'code'],
      registers,
    });
    this.#overhead = new Histogram({
      name: 'captions_caption_overhead_seconds',
      help: "From the recogniser's answer to when LiveKit has taken the text; interims with the time that they are held back to keep the pace of readers.",
      labelNames: ['output', 'kind'],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000].map((ms) => ms * MS),
      registers,
    });
    this.#latency = new Histogram({
      name: 'captions_recogniser_latency_seconds',
      help: 'From the end of what was said to the text of it, as Pulse answers.',
      labelNames: ['kind'],
      buckets: [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60],
      registers,
    });
    this.#catchUp = new Histogram({
      name: 'captions_catch_up_seconds',
      help: 'From the loss of a connection to when captions were up with the speech again.',
      buckets: [0.5, 1, 2, 5, 10, 20, 30, 60, 120],
      registers,
    });
    this.#steps = new Counter({
      name: 'captions_degradation_steps_total',
      help: 'Steps by which rooms and their processes gave more up (`up`) or less, by what could not keep up.',
      labelNames: ['direction', 'cause'],
      registers,
    });
    this.#showZeros();
    showRooms(registers, rooms);
  }

  add(counter: CounterName, amount: number): void {
    if (amount > 0) this.#counters[counter].inc(amount);
  }

  reconnecting(cause: Cause): void {
    this.#reconnects.inc({ cause });
  }

  failed(cause: Cause): void {
    this.#failures.inc({ cause });
  }

  sendFailed(output: Output, code: PublishErrorCode): void {
    this.#publishFailures.inc({ output, code });
  }

  /** @param ms milliseconds, as in all of these */
  overhead(output: Output, kind: CaptionKind, ms: number): void {
    this.#overhead.observe({ output, kind }, ms * MS);
  }

  latency(kind: CaptionKind, ms: number): void {
    this.#latency.observe({ kind }, Math.max(0, ms) * MS);
  }

  caughtUp(ms: number): void {
    this.#catchUp.observe(ms * MS);
  }

  stepped(step: Step): void {
    this.#steps.inc({ direction: directionOf(step), cause: step.cause });
  }

  /** A rate of what has never happened is zero, not nothing. */
  #showZeros(): void {
    for (const cause of CAUSES) {
      this.#reconnects.inc({ cause }, 0);
      this.#failures.inc({ cause }, 0);
    }
    for (const direction of DIRECTIONS) {
      for (const cause of DEGRADATION_CAUSES) this.#steps.inc({ direction, cause }, 0);
    }
    for (const kind of CAPTION_KINDS) this.#latency.zero({ kind });
    for (const output of OUTPUTS) {
      for (const kind of CAPTION_KINDS) this.#overhead.zero({ output, kind });
      for (const code of PUBLISH_FAILURES) this.#publishFailures.inc({ output, code }, 0);
    }
  }
}

function showRooms(registers: Registry[], rooms: () => RoomsNow): void {
  new Gauge({
    name: 'captions_rooms',
    help: 'Rooms with a captioner, by how their captions are.',
    labelNames: ['state'],
    registers,
    collect() {
      const { states } = rooms();
      for (const state of ROOM_STATES) this.set({ state }, countOf(state, states));
    },
  });
  new Gauge({
    name: 'captions_tracks',
    help: 'Audio tracks that are captioned.',
    registers,
    collect() {
      this.set(rooms().streams.length);
    },
  });
  new Gauge({
    name: 'captions_streams',
    help: 'Streams of tracks, by their connection to Pulse; `idle`: it has none, because nothing was said yet.',
    labelNames: ['state'],
    registers,
    collect() {
      const { streams } = rooms();
      for (const state of STREAM_STATES) this.set({ state }, countOf(state, streams));
    },
  });
  new Gauge({
    name: 'captions_lag_seconds',
    help: 'How long speech has waited to be recognised for good, where it has waited longest.',
    aggregator: 'max',
    registers,
    collect() {
      this.set(rooms().lag);
    },
  });
  new Gauge({
    name: 'captions_degradation_level',
    help: 'What is given up where something cannot keep up, at most: 1 interims are fewer, 2 audio goes in larger pieces, 3 no new rooms are taken.',
    aggregator: 'max',
    registers,
    collect() {
      this.set(rooms().degradation);
    },
  });
}

function countOf<T>(value: T, values: readonly T[]): number {
  return values.filter((one) => one === value).length;
}
