import type { Logger } from '../logging.js';

export type SendAttributes = (attributes: Record<string, string>) => Promise<void>;

/**
 * Keeps the captioner's attributes in the room as they were last given: one change on its way at a time, and
 * while it is, only the newest of the next.
 */
export class AttributePublisher {
  readonly #send: SendAttributes;
  readonly #logger: Logger;
  #wanted: Record<string, string> = {};
  #pending = false;
  #sending = Promise.resolve();

  constructor(send: SendAttributes, logger: Logger) {
    this.#send = send;
    this.#logger = logger;
  }

  set(attributes: Readonly<Record<string, string>>): void {
    this.#wanted = { ...attributes };
    this.resend();
  }

  /** For when the room may have forgotten them. */
  resend(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#sending = this.#sending.then(() => this.#flush());
  }

  /** Resolves when everything that was set is sent. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  async #flush(): Promise<void> {
    this.#pending = false;
    try {
      await this.#send(this.#wanted);
    } catch (error) {
      // The room is gone, or comes back and `resend` is called then.
      this.#logger.debug({ err: error }, 'attributes could not be set');
    }
  }
}
