import { StreamPool } from '../../pulse/pool.js';
import type { StreamsLease, StreamsReport } from './messages.js';

/** Changes within this time are told together. */
const TOGETHER_MS = 5;

/** The streams that the supervisor lets this process have. It begins with none, and tells what it needs. */
export class LeasedStreams {
  readonly pool: StreamPool;
  readonly #tell: (report: StreamsReport) => void;
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (report: StreamsReport) => void) {
    this.#tell = tell;
    this.pool = new StreamPool({ limit: 0, onDemand: () => this.#soon() });
  }

  /** The supervisor has decided. */
  obey({ limit, turn }: StreamsLease): void {
    this.#turn = turn;
    this.pool.limit = limit;
    this.report();
  }

  /** To be called now and then, too: who becomes idle does not say so. */
  report(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tell({ turn: this.#turn, ...this.pool.demand });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.pool.close();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.report(), TOGETHER_MS);
  }
}
