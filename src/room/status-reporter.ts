import type { LimitLevel } from '../cost/limit.js';
import type { Level } from '../degradation/steps.js';
import type { Logger } from '../logging.js';
import { PulseError } from '../pulse/errors.js';
import type { ConnectionChanged } from '../pulse/events.js';
import { NAME } from '../version.js';
import { AttributePublisher, type SendAttributes } from './attributes.js';
import { RoomStatus, type Status } from './status.js';

export interface StatusReporterOptions {
  readonly send: SendAttributes;
  /** Called with each change, beside the room. */
  readonly onChange?: (status: Status) => void;
  readonly logger: Logger;
}

/** Whose captions they are, and who hears what is said. */
const BY = `${NAME}, with Smallest.ai Pulse`;

/** Tells the room, by the captioner's attributes, and the log how the captions are: each change once. */
export class StatusReporter {
  readonly #status = new RoomStatus();
  readonly #attributes: AttributePublisher;
  readonly #onChange: ((status: Status) => void) | undefined;
  readonly #logger: Logger;
  #languages = '';
  #reported: Status & { readonly languages: string } = { ...this.#status.current, languages: '' };
  #faults: readonly string[] = [];

  constructor({ send, onChange, logger }: StatusReporterOptions) {
    this.#attributes = new AttributePublisher(send, logger);
    this.#onChange = onChange;
    this.#logger = logger;
  }

  ready(): void {
    this.#status.ready();
    this.#report();
  }

  /** @param faults what is wrong with what was asked for, each a sentence without a secret */
  wishesChanged({ off, faults }: { off: boolean; faults: readonly string[] }): void {
    this.#status.wishesChanged(off, faults);
    const fresh = faults.filter((fault) => !this.#faults.includes(fault));
    this.#faults = faults;
    if (fresh.length > 0) {
      this.#logger.warn(
        { faults: fresh.length },
        'some of what was asked for does not hold: captions.reason in the room says what, and debug lines',
      );
      // They quote what somebody typed, which may be names.
      this.#logger.debug({ faults: fresh }, 'what does not hold');
    }
    this.#report();
  }

  /** How much is left of the minutes that may be captioned. */
  limitChanged(level: LimitLevel): void {
    this.#status.limitChanged(level);
    this.#report();
  }

  /** What is given up because something cannot keep up. */
  degradationChanged(level: Level): void {
    this.#status.degradationChanged(level);
    this.#report();
  }

  /** @param languages for the attribute `captions.languages`: what is captioned now */
  languagesChanged(languages: string): void {
    this.#languages = languages;
    this.#report();
  }

  trackHeard(sid: string): void {
    this.#status.trackHeard(sid);
    this.#report();
  }

  /** It is encrypted with a key that the captioner does not have. */
  trackLocked(sid: string): void {
    this.#status.trackLocked(sid);
    this.#report();
  }

  /** It is not encrypted, while captions are. */
  trackOpen(sid: string): void {
    this.#status.trackOpen(sid);
    this.#report();
  }

  connectionChanged(sid: string, event: ConnectionChanged): void {
    this.#status.connectionChanged(sid, event);
    this.#report();
  }

  /** The captioner itself cannot go on. */
  failed(): void {
    this.#status.failed();
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
    const languages = this.#languages;
    const before = this.#reported;
    if (state === 'starting') return;
    if (state === before.state && reason === before.reason && languages === before.languages)
      return;
    this.#reported = { state, reason, languages };
    this.#attributes.set({
      'captions.v': '1',
      'captions.by': BY,
      'captions.state': state,
      'captions.reason': reason,
      'captions.languages': languages,
    });
    if (state === before.state && reason === before.reason) return;
    this.#onChange?.({ state, reason });
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
