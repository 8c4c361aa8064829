import type { PulseError } from './errors.js';
import type { ConnectionState, PulseEvent } from './events.js';
import type { Effect } from './states.js';

/** What a machine wants done, collected while it handles an input. */
export class Outbox {
  #effects: Effect[] = [];
  #announced: ConnectionState = 'idle';

  /** What was put in since the last time, in this order. */
  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  put(...effects: readonly Effect[]): void {
    this.#effects.push(...effects);
  }

  tell(events: readonly PulseEvent[]): void {
    for (const event of events) this.#effects.push({ type: 'emit', event });
  }

  /** What the owner was last told of the connection. */
  get announced(): ConnectionState {
    return this.#announced;
  }

  /** Tells a change once; one with an error each time. */
  announce(state: ConnectionState, error?: PulseError): void {
    if (state === this.#announced && error === undefined) return;
    this.#announced = state;
    this.tell([{ type: 'connection', state, ...(error === undefined ? {} : { error }) }]);
  }
}
