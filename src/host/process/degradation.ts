import { Ladder } from '../../degradation/ladder.js';
import { logStep } from '../../degradation/log.js';
import { LoopDelay } from '../../degradation/loop-delay.js';
import { pressureOfLoop, pressureOfProcess } from '../../degradation/pressure.js';
import { type Level, NO_NEW_ROOMS, type Pressure, type Step } from '../../degradation/steps.js';
import type { Logger } from '../../logging.js';

/** What a room process gives up, in all of its rooms, when it has too little CPU or most of its rooms suffer. */
export class ProcessDegradation {
  readonly #ladder = new Ladder(NO_NEW_ROOMS);
  readonly #loop = new LoopDelay();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get level(): Level {
    return this.#ladder.level;
  }

  /**
   * To be called every `LOOK_MS`.
   * @param rooms how each keeps up
   * @returns the step that is taken now
   */
  look(rooms: readonly Pressure[]): Step | undefined {
    const loopDelayMs = this.#loop.take();
    const pressure = pressureOfProcess(pressureOfLoop(loopDelayMs), rooms);
    const step = this.#ladder.look(pressure, performance.now());
    if (step) logStep(this.#logger, 'a room process', step, { loopDelayMs });
    return step;
  }

  /** Idempotent. */
  close(): void {
    this.#loop.close();
  }
}
