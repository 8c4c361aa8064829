/**
 * How many words of `reading` say what `settled` says: the prefix that takes the fewest edits. Of several, the one
 * that ends with the same word, else the one nearest in length.
 */
export function alignedPrefix(settled: readonly string[], reading: readonly string[]): number {
  let costs = Array.from({ length: reading.length + 1 }, (_, index) => index);
  for (const [row, expected] of settled.entries()) {
    const next = [row + 1];
    for (const [column, heard] of reading.entries()) {
      const substituted = (costs[column] ?? 0) + (expected === heard ? 0 : 1);
      next.push(Math.min(substituted, (costs[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    costs = next;
  }
  const fewest = Math.min(...costs);
  const lengths = [...costs.keys()].filter((length) => costs[length] === fewest);
  const distance = (length: number) => Math.abs(length - settled.length);
  const closest = lengths.sort((one, other) => distance(one) - distance(other));
  const last = settled.at(-1);
  return (
    closest.find((length) => last !== undefined && reading[length - 1] === last) ?? closest[0] ?? 0
  );
}
