import type { Config } from '../../config/config.js';
import type { LimitLevel } from '../../cost/limit.js';
import { LOOK_MS } from '../../degradation/pressure.js';
import type { Logger } from '../../logging.js';
import { RoomProcessMetrics } from '../../metrics/room-process-metrics.js';
import type { Traces } from '../../tracing/traces.js';
import type { TranscriptStore } from '../../transcript/store/store.js';
import type { Assignment } from '../assignment.js';
import { ProcessDegradation } from './degradation.js';
import { HostedRoom } from './hosted-room.js';
import { LeasedStreams } from './leased-streams.js';
import type { FromProcess, ToProcess } from './messages.js';

export interface RoomProcessMainOptions {
  readonly config: Config;
  /** Where the transcripts of this process go. */
  readonly transcripts: TranscriptStore | undefined;
  /** Undefined: nobody wants any. */
  readonly traces?: Traces | undefined;
  readonly logger: Logger;
  /** Resolves when the message is out, or cannot be. */
  readonly send: (message: FromProcess) => Promise<void>;
}

/** What was counted since the last time is lost with a process that is killed. */
const METRICS_MS = 2000;

/** The rooms of one process. */
export class RoomProcessMain {
  /** Resolves when the process is to end. */
  readonly ended: Promise<void>;
  readonly #options: RoomProcessMainOptions;
  readonly #rooms = new Map<string, HostedRoom>();
  readonly #streams: LeasedStreams | undefined;
  readonly #metrics: RoomProcessMetrics;
  readonly #degradation: ProcessDegradation;
  readonly #timers: readonly NodeJS.Timeout[];
  #stopping = false;
  #audioMs = 0;
  #dayLimit: LimitLevel = 'free';
  #end: () => void = () => undefined;

  constructor(options: RoomProcessMainOptions) {
    this.#options = options;
    if (options.config.worker.maxStreams !== undefined) {
      this.#streams = new LeasedStreams((report) => void options.send({ type: 'streams', report }));
    }
    this.#metrics = new RoomProcessMetrics(() => options.transcripts?.status);
    this.#degradation = new ProcessDegradation(options.logger);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#timers = [
      setInterval(() => {
        this.#lookWhetherItKeepsUp();
        this.#sendBeat();
      }, LOOK_MS),
      setInterval(() => void this.#sendMetrics(), METRICS_MS),
    ];
    void options.send({ type: 'ready' });
    this.#sendBeat();
    void this.#sendMetrics();
  }

  handle(message: ToProcess): void {
    switch (message.type) {
      case 'join':
        this.#join(message.assignment);
        return;
      case 'leave':
        this.#rooms.get(key(message.room, message.identity))?.leave();
        return;
      case 'streams':
        this.#streams?.obey(message.lease);
        return;
      case 'day':
        this.#dayLimit = message.level;
        for (const room of this.#rooms.values()) room.dayLimit = message.level;
        return;
      case 'stop':
        this.stop();
        return;
    }
  }

  /** Leaves every room, each with its last words, and ends then. */
  stop(): void {
    this.#stopping = true;
    for (const room of this.#rooms.values()) room.leave();
    this.#endWhenEmpty();
  }

  /** The supervisor is gone: the rooms go on, and the process ends with the last of them. */
  orphaned(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#options.logger.warn('the supervisor is gone: this process goes on until its rooms end');
    this.#endWhenEmpty();
  }

  #join(assignment: Assignment): void {
    const { room, identity } = assignment;
    const { config, transcripts, logger, send } = this.#options;
    const place = { room: room.name, identity };
    if (this.#stopping || this.#rooms.has(key(room.name, identity))) return;
    const hosted = new HostedRoom({
      assignment,
      config,
      transcripts,
      permits: this.#streams?.pool,
      metrics: this.#metrics,
      traces: this.#options.traces,
      logger,
      sids: () => new Set(Array.from(this.#rooms.values(), ({ sid }) => sid)),
      joined: () => void send({ type: 'joined', ...place }),
      onAudioSent: (audioMs) => (this.#audioMs += audioMs),
    });
    hosted.dayLimit = this.#dayLimit;
    hosted.degradation = this.#degradation.level;
    this.#rooms.set(key(room.name, identity), hosted);
    void hosted.ended.then((end) => {
      this.#rooms.delete(key(room.name, identity));
      void send({ type: 'ended', ...place, ...end });
      this.#endWhenEmpty();
    });
  }

  #endWhenEmpty(): void {
    if (!this.#stopping || this.#rooms.size > 0) return;
    this.#streams?.close();
    this.#end();
  }

  /** To be called when nothing more is going to be counted. Never rejects. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#sendMetrics();
    this.#degradation.close();
    this.#metrics.close();
  }

  async #sendMetrics(): Promise<void> {
    await this.#options.send({ type: 'metrics', snapshot: await this.#metrics.snapshot() });
  }

  #lookWhetherItKeepsUp(): void {
    const rooms = [...this.#rooms.values()];
    const step = this.#degradation.look(rooms.map(({ pressure }) => pressure));
    if (!step) return;
    this.#metrics.stepped(step);
    for (const room of rooms) room.degradation = step.to;
  }

  #sendBeat(): void {
    const rooms = [...this.#rooms.values()];
    const heard = rooms.reduce((sum, room) => sum + room.streams, 0);
    const streams = this.#streams?.pool.demand.held ?? heard;
    this.#streams?.report();
    const rssBytes = process.memoryUsage.rss();
    const audioMs = this.#audioMs;
    this.#audioMs = 0;
    const degradation = this.#degradation.level;
    const beat = { rooms: rooms.length, streams, rssBytes, audioMs, degradation };
    void this.#options.send({ type: 'beat', beat });
  }
}

function key(room: string, identity: string): string {
  return JSON.stringify([room, identity]);
}
