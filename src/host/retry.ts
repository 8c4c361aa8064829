const BASE_MS = 250;
const MAX_MS = 10_000;

/**
 * How long to wait before the next try at a LiveKit server.
 *
 * @param failures in a row, this one included: 1 or more
 * @param random 0 to 1; half of the wait is jitter, so that workers that were cut off together come back apart
 * @returns milliseconds
 */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(BASE_MS * 2 ** Math.min(failures - 1, 16), MAX_MS);
  return full * (0.5 + random / 2);
}
