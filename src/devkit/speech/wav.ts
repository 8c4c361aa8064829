import { readFile } from 'node:fs/promises';

export interface Recording {
  readonly samples: Int16Array;
  readonly sampleRate: number;
}

/**
 * Reads a WAV file of 16-bit PCM, one channel.
 * @throws Error when it is something else.
 */
export async function readWav(path: string | URL): Promise<Recording> {
  const bytes = await readFile(path);
  const name = String(path);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error(`${name} is not a WAV file`);
  }
  let sampleRate: number | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (id === 'fmt ') {
      const [format, channels, bits] = [0, 2, 14].map((offset) => body.readUInt16LE(offset));
      if (format !== 1 || channels !== 1 || bits !== 16) {
        throw new Error(`${name} is not 16-bit PCM with one channel`);
      }
      sampleRate = body.readUInt32LE(4);
    } else if (id === 'data') {
      if (sampleRate === undefined) break;
      const samples = new Int16Array(body.length >> 1);
      for (let i = 0; i < samples.length; i += 1) samples[i] = body.readInt16LE(i * 2);
      return { samples, sampleRate };
    }
    // Chunks begin at even offsets.
    at += 8 + size + (size % 2);
  }
  throw new Error(`${name} has no audio in it`);
}
