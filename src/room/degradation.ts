import { Ladder } from '../degradation/ladder.js';
import { logStep } from '../degradation/log.js';
import { LOOK_MS, pressureOfRoom, type RoomReading } from '../degradation/pressure.js';
import {
  highest,
  type Level,
  LARGER_CHUNKS,
  type Pressure,
  type Step,
} from '../degradation/steps.js';
import type { Logger } from '../logging.js';

export interface RoomDegradationOptions {
  /** As it is now. */
  readonly read: () => RoomReading;
  /** Called with each change of what holds for the room. */
  readonly apply: (level: Level) => void;
  /** The room itself takes a step. */
  readonly onStep: (step: Step) => void;
  readonly logger: Logger;
}

const NOTHING_WAITS: RoomReading = { captionsWaitMs: 0, unsentMs: 0 };

/**
 * What one room gives up when its own network, to LiveKit or to Pulse, does not keep up: fewer interims, then larger
 * chunks. What its process gives up holds for it too.
 */
export class RoomDegradation {
  readonly #options: RoomDegradationOptions;
  readonly #ladder = new Ladder(LARGER_CHUNKS);
  readonly #timer: NodeJS.Timeout;
  #before = NOTHING_WAITS;
  #pressure: Pressure = 'calm';
  #ofProcess: Level = 0;
  #applied: Level = 0;

  constructor(options: RoomDegradationOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(performance.now()), LOOK_MS).unref();
  }

  /** How the room's own network keeps up. */
  get pressure(): Pressure {
    return this.#pressure;
  }

  /** Of the process that the room is in. */
  set ofProcess(level: Level) {
    this.#ofProcess = level;
    this.#apply();
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    const reading = this.#options.read();
    this.#pressure = pressureOfRoom(reading, this.#before);
    this.#before = reading;
    const step = this.#ladder.look(this.#pressure, now);
    if (!step) return;
    logStep(this.#options.logger, 'a room', step, { ...reading });
    this.#options.onStep(step);
    this.#apply();
  }

  #apply(): void {
    const level = highest([this.#ladder.level, this.#ofProcess]);
    if (level === this.#applied) return;
    this.#applied = level;
    this.#options.apply(level);
  }
}
