import type { PulseError } from './errors.js';

/** The first try after a connection that worked comes soon: most resets are one server going away. */
const FIRST_MS = 100;
const BASE_MS = 500;
/** Short enough that an outage of half a minute fits, with its replay, into the audio that is kept. */
const MAX_MS = 10_000;
const MAX_LIMITED_MS = 30_000;

/**
 * How long to wait before the next try.
 *
 * @param failures how many tries have failed in a row, this one included: 1 or more.
 * @param random 0 to 1; half of the wait is jitter, so that streams that broke together do not come back together.
 * @returns milliseconds.
 */
export function backoffMs(failures: number, error: PulseError, random: number): number {
  if (error.retryAfterMs !== undefined) return error.retryAfterMs + random * BASE_MS;
  const limited = error.code === 'rate_limited' || error.code === 'no_stream';
  if (failures <= 1 && !limited) return FIRST_MS * random;
  const exponent = limited ? failures - 1 : failures - 2;
  const full = Math.min(BASE_MS * 2 ** exponent, limited ? MAX_LIMITED_MS : MAX_MS);
  return full * (0.5 + random / 2);
}
