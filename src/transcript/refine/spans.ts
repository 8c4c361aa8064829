/** A stretch of time, in milliseconds; `end` may be infinite. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** In the order of time, without overlaps: those that touch are one. */
export function united(spans: readonly Span[]): Span[] {
  const result: { start: number; end: number }[] = [];
  const real = spans.filter(({ start, end }) => end > start);
  for (const { start, end } of real.toSorted((one, other) => one.start - other.start)) {
    const last = result.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}

/** What two sets of spans share. */
export function shared(some: readonly Span[], others: readonly Span[]): Span[] {
  return united(
    some.flatMap((one) =>
      others.map((other) => ({
        start: Math.max(one.start, other.start),
        end: Math.min(one.end, other.end),
      })),
    ),
  );
}

/** With so much more on both sides. */
export function widened(spans: readonly Span[], by: number): Span[] {
  return united(spans.map(({ start, end }) => ({ start: start - by, end: end + by })));
}

export function touchesAny(spans: readonly Span[], one: Span): boolean {
  return spans.some(({ start, end }) => one.start < end && one.end > start);
}

export function contains(whole: Span, one: Span): boolean {
  return one.start >= whole.start && one.end <= whole.end;
}
