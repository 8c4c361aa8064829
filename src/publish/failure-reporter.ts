import { PublishError, type PublishErrorCode } from './errors.js';
import type { CaptionOutput } from './outputs.js';

const QUIET_MS = 60_000;

const MESSAGES: Record<PublishErrorCode, string> = {
  send_failed:
    'Captions could not be sent: check the connection to LiveKit, and that the token lets us publish data as an agent.',
  final_lost:
    'Final captions were given up and did not reach the room; they are in the transcript. Check the connection to LiveKit.',
};

/** Tells of the failures of one output the first time, then once a minute at most, with their number. */
export class FailureReporter {
  readonly #seen = new Map<PublishErrorCode, { reportedAt: number; count: number }>();

  constructor(
    private readonly output: CaptionOutput,
    private readonly onError: (error: PublishError) => void,
    private readonly monotonicNow: () => number,
  ) {}

  report(code: PublishErrorCode, cause: unknown): void {
    const now = this.monotonicNow();
    const seen = this.#seen.get(code);
    if (seen && now - seen.reportedAt < QUIET_MS) {
      seen.count += 1;
      return;
    }
    const count = (seen?.count ?? 0) + 1;
    this.#seen.set(code, { reportedAt: now, count: 0 });
    const options = cause === undefined ? undefined : { cause };
    this.onError(new PublishError(code, this.output, count, MESSAGES[code], options));
  }
}
