/** A caption's text in two: what stays as it is, with the space after it, and what may still change. */
export function captionParts({
  text,
  settled,
}: {
  readonly text: string;
  readonly settled: number;
}): readonly [string, string] {
  // The space between the two would be marked as unsettled.
  const cut = settled === 0 ? 0 : text.length - text.slice(settled).trimStart().length;
  return [text.slice(0, cut), text.slice(cut)];
}
