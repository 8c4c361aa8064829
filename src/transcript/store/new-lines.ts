import { open } from 'node:fs/promises';

export interface NewLine {
  readonly line: string;
  /** Where the next one begins, in bytes. */
  readonly end: number;
}

const READ_BYTES = 256 * 1024;
const LINE_BREAK = 10;

/** The lines of a file from a byte on, as many as are whole: one that is still being written comes with the next call. */
export async function* newLines(path: string, from: number): AsyncGenerator<NewLine> {
  const file = await open(path);
  try {
    let position = from;
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(READ_BYTES),
        position: position + rest.length,
      });
      if (bytesRead === 0) return;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      for (let end = rest.indexOf(LINE_BREAK); end >= 0; end = rest.indexOf(LINE_BREAK)) {
        position += end + 1;
        yield { line: rest.toString('utf8', 0, end), end: position };
        rest = rest.subarray(end + 1);
      }
    }
  } finally {
    await file.close();
  }
}
