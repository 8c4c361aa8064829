import type { Logger } from '../logging.js';
import type { PublishError } from '../publish/errors.js';
import type { Connection } from './connection.js';

/** Longer than it takes LiveKit to tell that a room is over, once what is sent there fails. */
const TOLD_MS = 1000;

/** Logs that captions could not be sent; where the room turns out to be over, they had nobody to arrive at. */
export class SendFailures {
  readonly #waiting = new Map<PublishError, NodeJS.Timeout>();

  constructor(
    private readonly connection: () => Connection,
    private readonly logger: Logger,
  ) {}

  add(error: PublishError): void {
    const timer = setTimeout(() => this.#tell(error), TOLD_MS);
    this.#waiting.set(error, timer);
  }

  /** Logs what waits. */
  close(): void {
    for (const error of this.#waiting.keys()) this.#tell(error);
  }

  #tell(error: PublishError): void {
    clearTimeout(this.#waiting.get(error));
    this.#waiting.delete(error);
    const level = this.connection() === 'over' ? 'debug' : 'error';
    this.logger[level]({ code: error.code, err: error }, error.message);
  }
}
