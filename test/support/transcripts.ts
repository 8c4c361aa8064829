import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Line {
  readonly type: string;
  readonly identity?: string;
  readonly text?: string;
  readonly speaker?: { readonly identity: string; readonly label: string };
}

/** What a worker left on disk of one room. */
export interface Transcript {
  readonly lines: readonly Line[];
  readonly vtt: string;
  /** What one person said. */
  said(identity: string): string;
}

/** The finished transcript of a room, by the room's name; undefined while there is none. */
export async function transcriptOf(
  workerDirectory: string,
  room: string,
): Promise<Transcript | undefined> {
  const folder = join(workerDirectory, 'transcripts');
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((file) => file.endsWith('.vtt'))) {
    const journal = await readFile(join(folder, name.replace(/vtt$/, 'jsonl')), 'utf8');
    const lines = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line & { readonly name?: string });
    if (lines[0]?.name !== room) continue;
    const vtt = await readFile(join(folder, name), 'utf8');
    return {
      lines,
      vtt,
      said: (identity) =>
        lines.flatMap((line) => (line.speaker?.identity === identity ? [line.text] : [])).join(' '),
    };
  }
  return undefined;
}
