import { identityOf, parseRecord } from '../records.js';

/** Whether a line of a journal tells something about a person, as far as can be seen of one that is damaged. */
export function tellsOf(identity: string, line: string): boolean {
  const record = parseRecord(line);
  if (record) return identityOf(record) === identity;
  return line.includes(JSON.stringify(identity));
}

/**
 * What is left of lines of a journal when a person is forgotten. A line that is cut off goes, too: in one with what
 * somebody said that comes before who said it.
 */
export async function* without(
  identity: string,
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  for await (const line of lines) {
    if (stays(identity, line)) yield line;
  }
}

export function stays(identity: string, line: string): boolean {
  if (parseRecord(line)) return !tellsOf(identity, line);
  return isJson(line) && !tellsOf(identity, line);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
