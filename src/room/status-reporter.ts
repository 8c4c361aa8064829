import type { Logger } from '../logging.js';
import { PulseError } from '../pulse/errors.js';
import type { ConnectionChanged } from '../pulse/events.js';
import { AttributePublisher, type SendAttributes } from './attributes.js';
import { RoomStatus, type Status } from './status.js';

export interface StatusReporterOptions {
  readonly send: SendAttributes;
  /** For the attribute `captions.languages`. */
  readonly languages: string;
  /** Called with each change, beside the room. */
  readonly onChange?: (status: Status) => void;
  readonly logger: Logger;
}

/** Tells the room, by the captioner's attributes, and the log how the captions are: each change once. */
export class StatusReporter {
  readonly #status = new RoomStatus();
  readonly #attributes: AttributePublisher;
  readonly #languages: string;
  readonly #onChange: ((status: Status) => void) | undefined;
  readonly #logger: Logger;
  #reported: Status = this.#status.current;

  constructor({ send, languages, onChange, logger }: StatusReporterOptions) {
    this.#attributes = new AttributePublisher(send, logger);
    this.#languages = languages;
    this.#onChange = onChange;
    this.#logger = logger;
  }

  ready(): void {
    this.#status.ready();
    this.#report();
  }

  connectionChanged(sid: string, event: ConnectionChanged): void {
    this.#status.connectionChanged(sid, event);
    this.#report();
  }

  trackEnded(sid: string): void {
    this.#status.trackEnded(sid);
    this.#report();
  }

  /** For when the room may have forgotten us. */
  resend(): void {
    this.#attributes.resend();
  }

  /** Resolves when the room has been told everything. Never rejects. */
  settled(): Promise<void> {
    return this.#attributes.settled();
  }

  #report(): void {
    const { state, reason } = this.#status.current;
    if (state === this.#reported.state && reason === this.#reported.reason) return;
    this.#reported = { state, reason };
    this.#attributes.set({
      'captions.v': '1',
      'captions.state': state,
      'captions.reason': reason,
      'captions.languages': this.#languages,
    });
    this.#onChange?.(this.#reported);
    this.#log(state);
  }

  #log(state: Status['state']): void {
    const { error } = this.#status;
    const message = error?.message ?? `captions are ${state}`;
    const code = error instanceof PulseError ? error.code : undefined;
    const fields = { state, code };
    switch (state) {
      case 'failed':
        this.#logger.error(fields, message);
        return;
      case 'degraded':
        this.#logger.warn(fields, message);
        return;
      case 'starting':
      case 'live':
      case 'paused':
        this.#logger.info(fields, message);
        return;
    }
  }
}
