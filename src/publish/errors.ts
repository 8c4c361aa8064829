import type { CaptionOutput } from './outputs.js';

/**
 * What went wrong with sending captions, as a program can test it:
 * - `send_failed`: LiveKit did not take a caption. Interims are not sent again, finals a few times.
 * - `final_lost`: a final was given up, after all tries or because too many waited.
 */
export type PublishErrorCode = 'send_failed' | 'final_lost';

/** Its message says what to do and holds nothing that was said. */
export class PublishError extends Error {
  override readonly name = 'PublishError';

  constructor(
    readonly code: PublishErrorCode,
    readonly output: CaptionOutput,
    /** How many times it happened since it was last reported. */
    readonly count: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
