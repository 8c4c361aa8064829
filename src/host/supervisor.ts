import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import { NO_NEW_ROOMS } from '../degradation/steps.js';
import type { Logger } from '../logging.js';
import { WorkerMetrics } from '../metrics/worker-metrics.js';
import { type Captioner, Captioners } from './captioners.js';
import { successorOf } from './identity.js';
import type { KnownRoom, LiveKitApi } from './livekit-api.js';
import { ProcessPool } from './process-pool.js';
import { DayBudget } from './day-budget.js';
import { handOverRooms } from './hand-over.js';
import type { EndReason, FromProcess } from './process/messages.js';
import { PulseReach } from './pulse-reach.js';
import { Recovery } from './recovery.js';
import { Offers } from './offers.js';
import { Registration } from './registration.js';
import { Rejoins } from './rejoins.js';
import { StreamBudget } from './stream-budget.js';
import type { RoomMessage, RoomProcess } from './room-process.js';
import { WorkerState } from './worker-state.js';

/** Rooms on their way in at the same time: more would only make each other late. */
const MAX_JOINING = 100;
const REPORT_MS = 2000;
/** More than a captioner takes at most for the last words and the transcript. */
const END_MS = 45_000;
const MAX_PROCESS_BYTES = 1024 * 1024 * 1024;

type Ended = Extract<FromProcess, { type: 'ended' }>;

/**
 * Sees to it that every room which is to have captions has one captioner: takes what the server offers, puts it into
 * a room process, and brings back what was lost. It holds no media itself.
 */
export class Supervisor {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #api: LiveKitApi;
  readonly #captioners = new Captioners();
  readonly #registration: Registration;
  readonly #offers: Offers;
  readonly #pool: ProcessPool;
  readonly #recovery: Recovery;
  readonly #pulse: PulseReach;
  readonly #metrics: WorkerMetrics;
  readonly #state: WorkerState;
  readonly #streams: StreamBudget | undefined;
  readonly #day: DayBudget;
  readonly #rejoins: Rejoins;
  readonly #closing = new AbortController();
  #report: NodeJS.Timeout | undefined;
  #draining = false;
  #onEmpty: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(config: Config, api: LiveKitApi, logger: Logger) {
    this.#config = config;
    this.#api = api;
    this.#logger = logger;
    this.#state = new WorkerState(config.worker, logger);
    this.#pulse = new PulseReach(config.pulse.baseUrl, (reachable) =>
      logger[reachable ? 'info' : 'warn'](
        reachable
          ? 'Pulse can be reached'
          : 'Pulse cannot be reached: check SMALLEST_BASE_URL and the network; speech waits meanwhile',
      ),
    );
    this.#registration = new Registration(
      config,
      {
        registered: (worker) => {
          const agentName = config.worker.agentName || undefined;
          logger.info({ worker, agentName }, 'ready: registered with LiveKit');
          this.#recovery.soon();
        },
        disconnected: () => undefined,
        available: (job) => this.#offers.available(job),
        assigned: (job, token) => this.#offers.assigned(job, token),
        terminated: (jobId) => void this.#offers.terminated(jobId),
      },
      logger,
    );
    const { maxStreams } = config.worker;
    this.#streams = maxStreams === undefined ? undefined : new StreamBudget({ max: maxStreams });
    this.#day = new DayBudget(config.cost?.maxMinutesPerDay);
    this.#pool = new ProcessPool({
      roomsPerProcess: config.worker.roomsPerProcess,
      maxRssBytes: MAX_PROCESS_BYTES,
      roomsIn: (process) => this.#captioners.in(process).length,
      message: (_process, message) => this.#on(message),
      sent: (process, audioMs) => this.#day.sent(process, audioMs),
      streams: (process, report) => this.#streams?.report(process, report),
      exited: (process, how) => this.#processExited(process, how),
      tooLarge: (process) => void this.#moveOut(process),
      logger,
    });
    this.#offers = new Offers({
      api,
      agentName: config.worker.agentName,
      captioners: this.#captioners,
      place: () => this.#pool.place(),
      mayJoin: () => this.#mayJoin,
      send: (captioner, token, succeeds) => {
        this.#send(captioner, token, succeeds);
        if (captioner.job) this.#registration.jobRunning(captioner.job.id);
      },
      forget: (captioner) => this.#forget(captioner),
      logger,
    });
    this.#recovery = new Recovery({
      api,
      agentName: config.worker.agentName,
      isOurs: (room) => this.#captioners.has(room),
      mayJoin: () => this.#mayJoin,
      join: (room, identity, metadata) => this.#join(room, identity, metadata),
      logger,
    });
    this.#rejoins = new Rejoins({
      api,
      // Under the same identity, which puts out what is left of the lost one.
      join: ({ room, identity, metadata }) => this.#join(room, identity, metadata),
      failed: () => this.#recovery.soon(),
      logger,
      signal: this.#closing.signal,
    });
    this.#metrics = new WorkerMetrics(() => ({
      registered: this.#registration.registered,
      pulseReachable: this.#pulse.reachable,
      load: this.#state.load,
      full: this.#state.full,
      draining: this.#draining,
      roomProcesses: [...this.#pool.processes].length,
      joining: this.#captioners.joining,
      uncaptioned: this.#recovery.uncaptioned,
      maxStreams: config.worker.maxStreams,
    }));
  }

  get #mayJoin(): boolean {
    return !this.#state.full && !this.#draining && this.#captioners.joining < MAX_JOINING;
  }

  /** Why no room can be captioned now, as a line; undefined while it can. */
  get notReady(): string | undefined {
    if (!this.#registration.registered) return 'not registered with LiveKit';
    return this.#pulse.reachable ? undefined : 'Pulse cannot be reached';
  }

  /** Of this process and all that rooms are and were in, as Prometheus reads it. */
  writeMetrics(): Promise<string> {
    return this.#metrics.write(Array.from(this.#pool.processes, ({ metrics }) => metrics));
  }

  open(): void {
    this.#pool.open();
    this.#pulse.open();
    this.#registration.open();
    this.#recovery.open();
    this.#report = setInterval(() => this.#reportLoad(), REPORT_MS);
  }

  /**
   * Takes no new room and waits for the running ones to end, at most `limitMs`; then other workers take over those
   * that still run.
   */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    this.#recovery.close();
    this.#reportLoad();
    if (this.#captioners.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    const limit = delay(limitMs, undefined, { signal: this.#closing.signal }).catch(
      () => undefined,
    );
    await Promise.race([empty, limit]);
    await handOverRooms({
      api: this.#api,
      captioners: [...this.#captioners],
      isThere: (captioner) => this.#isThere(captioner),
      logger: this.#logger,
      signal: this.#closing.signal,
    });
  }

  /** Ends the running rooms, with their transcripts written. May be called more than once. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#draining = true;
    this.#closing.abort();
    clearInterval(this.#report);
    this.#recovery.close();
    this.#reportLoad();
    await this.#pool.close(END_MS);
    this.#streams?.close();
    this.#registration.close();
    this.#pulse.close();
    this.#metrics.close();
  }

  /** Comes to a room without having been asked. */
  async #join(
    room: Pick<KnownRoom, 'name' | 'sid'>,
    identity: string,
    metadata: string,
    succeeds?: string,
  ) {
    if (this.#captioners.get(room.name, identity) || this.#draining) return;
    const process = this.#pool.place();
    const captioner: Captioner = {
      room: { name: room.name, sid: room.sid },
      identity,
      metadata,
      process,
      job: undefined,
      state: 'joining',
    };
    this.#captioners.add(captioner);
    const token = await this.#api.token(room.name, identity, process.id);
    if (this.#isThere(captioner)) this.#send(captioner, token, succeeds);
  }

  #send(captioner: Captioner, token: string, succeeds?: string): void {
    const { room, identity, metadata, process } = captioner;
    captioner.state = 'joining';
    process.send({ type: 'join', assignment: { room, identity, token, metadata, succeeds } });
  }

  #on(message: RoomMessage): void {
    const captioner = this.#captioners.get(message.room, message.identity);
    if (!captioner) return;
    switch (message.type) {
      case 'joined':
        captioner.state = 'live';
        return;
      case 'ended':
        this.#ended(captioner, message);
        return;
    }
  }

  #ended(captioner: Captioner, { reason, error }: Ended): void {
    const failed = isLoss(reason);
    const { job, room } = captioner;
    this.#logger[failed ? 'error' : 'info'](
      { room: room.sid, job: job?.id, reason, error },
      failed ? 'a captioner was lost: it comes again' : 'a captioner has left its room',
    );
    this.#metrics.captionerEnded(reason);
    if (job) this.#registration.jobEnded(job.id, failed ? (error ?? reason) : undefined);
    this.#forget(captioner);
    if (failed) void this.#rejoins.bringBack(captioner);
  }

  #processExited(process: RoomProcess, how: string): void {
    this.#streams?.gone(process);
    this.#metrics.retire(process.metrics);
    const lost = this.#captioners.in(process);
    for (const captioner of lost) this.#forget(captioner);
    if (this.#closing.signal.aborted) return;
    if (lost.length === 0) {
      this.#logger.debug({ process: process.id, how }, 'an empty room process has ended');
      return;
    }
    this.#metrics.processDied();
    this.#logger.error(
      { process: process.id, how, rooms: lost.map(({ room }) => room.sid) },
      'a room process has died: its rooms are joined again',
    );
    for (const captioner of lost) void this.#rejoins.bringBack(captioner);
  }

  /** Its rooms go on in other processes, without a word lost. */
  async #moveOut(process: RoomProcess): Promise<void> {
    this.#logger.warn(
      { process: process.id, rssBytes: process.beat?.rssBytes },
      'a room process takes more memory than it may: its rooms move to another',
    );
    for (const { room, identity, metadata } of this.#captioners.in(process)) {
      await this.#join(
        room,
        successorOf(identity, this.#config.worker.agentName),
        metadata,
        identity,
      );
    }
  }

  #isThere(captioner: Captioner): boolean {
    return this.#captioners.get(captioner.room.name, captioner.identity) === captioner;
  }

  #forget(captioner: Captioner): void {
    if (this.#isThere(captioner)) this.#captioners.delete(captioner);
    if (this.#captioners.size === 0) this.#onEmpty?.();
  }

  #reportLoad(): void {
    const beats = Array.from(this.#pool.processes, ({ beat }) => beat);
    const streams = beats.reduce((sum, beat) => sum + (beat?.streams ?? 0), 0);
    const overloaded = beats.some((beat) => beat?.degradation === NO_NEW_ROOMS);
    const rooms = this.#captioners.size;
    const wasFull = this.#state.full;
    this.#state.measure(streams, rooms, overloaded);
    const { load, full } = this.#state;
    if (wasFull && !full) this.#recovery.soon();
    this.#registration.report({ load, full: full || this.#draining, rooms });
  }
}

function isLoss(reason: EndReason): boolean {
  switch (reason) {
    case 'lost':
    case 'failed':
      return true;
    case 'over':
    case 'told':
    case 'removed':
    case 'replaced':
      return false;
  }
}
