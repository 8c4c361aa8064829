/** Milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is in any of them, in the order of time; those that meet are one. */
export function union(spans: readonly Span[]): Span[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    const last = result.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else if (end > start) result.push({ start, end });
  }
  return result;
}

/** What is in one of them and in none of the others. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left = union(spans);
  for (const other of union(others)) {
    left = left.flatMap((span) => [
      ...(span.start < other.start ? [{ ...span, end: Math.min(span.end, other.start) }] : []),
      ...(span.end > other.end ? [{ ...span, start: Math.max(span.start, other.end) }] : []),
    ]);
  }
  return left;
}

export function lengthOf(spans: readonly Span[]): number {
  return union(spans).reduce((sum, { start, end }) => sum + end - start, 0);
}
