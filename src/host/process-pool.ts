import { randomBytes } from 'node:crypto';
import type { Logger } from '../logging.js';
import { RoomProcess, type RoomProcessHandlers } from './room-process.js';

export interface ProcessPoolOptions extends RoomProcessHandlers {
  readonly roomsPerProcess: number;
  /** Of memory; a process above it is replaced. */
  readonly maxRssBytes: number;
  /** How many captioners the supervisor has in a process, those on their way included. */
  readonly roomsIn: (process: RoomProcess) => number;
  /** A process takes more memory than it may: its rooms are to be moved. It gets no more. */
  readonly tooLarge: (process: RoomProcess) => void;
  readonly logger: Logger;
}

const CHECK_MS = 1000;
/** Of silence: then a process counts as hung. */
const SILENT_MS = 5000;
/** Loading the native parts takes some seconds on a busy machine. */
const START_MS = 30_000;
/** An empty process that once had rooms is ended after this, if it has grown: native memory does not come back. */
const EMPTY_MS = 10_000;
const GROWN = 1.15;
/**
 * Joins after which a process gets no more rooms, and those on top for each room that it has. LiveKit's native library
 * keeps some 0.5 MB of every room (rust-sdks 1405), and a process that waits for its last rooms to end beside its
 * successor costs some 60 MB, the longer the more rooms it has: so that both together are least.
 */
const JOINS = 20;
const JOINS_PER_ROOM = 4;

/**
 * The processes that rooms are in: as many as it takes, and always one that is ready for the next room. Those that
 * hang are killed, those that are no longer needed are ended.
 */
export class ProcessPool {
  readonly #options: ProcessPoolOptions;
  readonly #worker = randomBytes(4).toString('hex');
  readonly #processes = new Set<RoomProcess>();
  /** They get no more rooms, and end when they have none. */
  readonly #retired = new Set<RoomProcess>();
  readonly #emptySince = new Map<RoomProcess, number>();
  #started = 0;
  #checkedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #stopping: (() => void) | undefined;

  constructor(options: ProcessPoolOptions) {
    this.#options = options;
  }

  get processes(): Iterable<RoomProcess> {
    return this.#processes;
  }

  open(): void {
    this.#start();
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
  }

  /**
   * Where the next room fits: the process with the most rooms that still has a place, so that the others can end.
   *
   * @param except a process that the room is to leave
   */
  place(except?: RoomProcess): RoomProcess {
    const { roomsIn, roomsPerProcess } = this.#options;
    const open = [...this.#processes].filter(
      (process) =>
        process.running &&
        process !== except &&
        !this.#retired.has(process) &&
        roomsIn(process) < roomsPerProcess,
    );
    const [fullest] = open.sort((one, other) => roomsIn(other) - roomsIn(one));
    return fullest ?? this.#start();
  }

  /** Ends every process, which ends its rooms first; those that take longer than `limitMs` are killed. */
  async close(limitMs: number): Promise<void> {
    clearInterval(this.#timer);
    if (this.#processes.size === 0) return;
    const stopped = new Promise<void>((resolve) => {
      this.#stopping = resolve;
    });
    for (const process of this.#processes) process.stop();
    const limit = setTimeout(() => {
      for (const process of this.#processes) process.kill('it did not end in time');
    }, limitMs);
    await stopped;
    clearTimeout(limit);
  }

  #start(): RoomProcess {
    this.#started += 1;
    const { message, streams, sent, exited } = this.#options;
    const process = new RoomProcess(
      `${this.#worker}-${this.#started}`,
      {
        message,
        streams,
        sent,
        exited: (ended, how) => {
          this.#processes.delete(ended);
          this.#retired.delete(ended);
          this.#emptySince.delete(ended);
          exited(ended, how);
          if (this.#processes.size === 0) this.#stopping?.();
        },
      },
      () => performance.now(),
    );
    this.#processes.add(process);
    this.#options.logger.debug({ process: process.id, pid: process.pid }, 'a room process starts');
    return process;
  }

  #check(): void {
    const now = performance.now();
    // When this process was frozen itself, it has seen no beats.
    const frozen = now - this.#checkedAt > CHECK_MS + SILENT_MS / 2;
    this.#checkedAt = now;
    for (const process of this.#processes) {
      if (frozen) process.excuse(now);
      const limit = process.beat ? SILENT_MS : START_MS;
      if (process.silentFor(now) > limit) process.kill('it gave no sign of life');
      this.#watchSize(process, now);
    }
    const ready = [...this.#processes].some((one) => one.running && !this.#retired.has(one));
    if (!ready) this.#start();
  }

  #watchSize(process: RoomProcess, now: number): void {
    const { roomsIn, maxRssBytes, tooLarge, logger } = this.#options;
    const rss = process.beat?.rssBytes ?? 0;
    const rooms = roomsIn(process);
    const empty = rooms === 0;
    if (!empty) this.#emptySince.delete(process);
    else if (!this.#emptySince.has(process)) this.#emptySince.set(process, now);
    const emptyFor = empty ? now - (this.#emptySince.get(process) ?? now) : 0;

    if (!this.#retired.has(process)) {
      const grown = rss > process.baseRssBytes * GROWN && emptyFor > EMPTY_MS;
      const spare = emptyFor > EMPTY_MS && this.#emptyProcesses() > 1;
      if (rss > maxRssBytes) tooLarge(process);
      const worn = process.joins >= JOINS + JOINS_PER_ROOM * rooms;
      if (worn) {
        logger.info(
          { process: process.id, rooms, rssBytes: rss },
          'a room process has had many rooms: another takes the next ones, and it ends with its last',
        );
      }
      if (rss > maxRssBytes || grown || spare || worn) this.#retired.add(process);
    }
    if (this.#retired.has(process) && empty) process.stop();
  }

  #emptyProcesses(): number {
    const { roomsIn } = this.#options;
    return [...this.#processes].filter((one) => !this.#retired.has(one) && roomsIn(one) === 0)
      .length;
  }
}
