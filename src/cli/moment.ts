import { UsageError } from './output.js';

/**
 * A time as programs write it: Unix milliseconds, nanoseconds as LiveKit's egress has them, or a date with its zone.
 * @returns Unix milliseconds
 * @throws UsageError
 */
export function momentOf(option: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (/^\d{18,20}$/.test(text)) return Math.round(Number(text) / 1e6);
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(moment)) {
    throw new UsageError(
      `${option} takes Unix milliseconds, nanoseconds, or a date with its time zone`,
    );
  }
  return moment;
}
