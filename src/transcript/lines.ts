/** Of UTF-16 units: a hundred times what the longest segment with all its words takes. What is longer is cut. */
export const LONGEST_LINE = 1024 * 1024;

/**
 * The lines of a journal. Only a line feed ends one, as JSON Lines has it: `readline` would also part them at a U+2028
 * within somebody's name. Of a line that is too long only the beginning comes, so that no file can fill the memory.
 * @param input its bytes
 * @param longest of a line; `Infinity` where what is read is written again
 */
export async function* linesOf(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  longest = LONGEST_LINE,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let line = '';
  for await (const chunk of input) {
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    line = joined(line, first, longest);
    for (const next of others) {
      yield withoutReturn(line);
      line = joined('', next, longest);
    }
  }
  line = joined(line, decoder.decode(), longest);
  if (line !== '') yield withoutReturn(line);
}

function joined(line: string, more: string, longest: number): string {
  return line.length >= longest ? line : line + more.slice(0, longest - line.length);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
