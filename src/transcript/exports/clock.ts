/**
 * A time as WebVTT and SubRip write it. Hours go on counting past a day, with as many digits as they need.
 * @param ms whole milliseconds, not negative
 * @param point before the milliseconds: WebVTT has a dot, SubRip a comma
 */
export function timestamp(ms: number, point = '.'): string {
  return `${clock(ms)}${point}${String(ms % 1000).padStart(3, '0')}`;
}

/** Hours, minutes and full seconds. */
export function clock(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
