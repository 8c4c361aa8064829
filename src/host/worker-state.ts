import type { Config } from '../config/config.js';
import type { Logger } from '../logging.js';
import { MachineLoad, workerLoad } from './load.js';

/** Whether a worker takes rooms, by how much of what limits it is used. */
export class WorkerState {
  readonly #machine = new MachineLoad();
  readonly #config: Config['worker'];
  readonly #logger: Logger;
  #load = 0;
  #full = false;

  constructor(config: Config['worker'], logger: Logger) {
    this.#config = config;
    this.#logger = logger;
  }

  /** As LiveKit counts it, 0 to 1, at the last measurement. */
  get load(): number {
    return this.#load;
  }

  get full(): boolean {
    return this.#full;
  }

  /**
   * Measures the machine's use since the last time.
   * @param streams speech streams that are open
   * @param rooms for the log
   * @param overloaded a room process cannot keep up, whatever is used
   */
  measure(streams: number, rooms: number, overloaded: boolean): void {
    const { maxLoad: maxCpu, maxStreams } = this.#config;
    const used = workerLoad(this.#machine.measure(), streams, { maxCpu, maxStreams });
    const full = used.full || overloaded;
    const load = full ? 1 : used.load;
    if (full !== this.#full) {
      this.#logger[full ? 'warn' : 'info'](
        { load, streams, rooms, overloaded },
        full ? 'the worker is full: it takes no new room' : 'the worker takes rooms again',
      );
    }
    this.#load = load;
    this.#full = full;
  }
}
