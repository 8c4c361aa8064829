import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Span, united } from './spans.js';

/** A file's bytes, which can be read more than once. */
export interface AudioBytes {
  readonly size: number;
  readonly open: () => Readable;
}

/** Where the samples of a WAV file are, and how long one moment of them is. */
interface Layout {
  readonly from: number;
  readonly bytesPerMs: number;
  /** Of one sample of every channel. */
  readonly block: number;
  /** The byte that silence is made of. */
  readonly silence: number;
}

/** Of a header with all that programs write before the samples. */
const HEADER_BYTES = 1024 * 1024;
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/**
 * A WAV file with silence in the place of what must not be heard.
 * @param spans milliseconds of the recording
 * @returns undefined for a file of any other format: there is no telling in which of its bytes the spans are
 */
export async function mutedWav(
  path: string,
  spans: readonly Span[],
): Promise<AudioBytes | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(HEADER_BYTES, size)),
      position: 0,
    });
    const layout = layoutOf(buffer.subarray(0, bytesRead));
    if (!layout) return undefined;
    const mute = united(spans.map((span) => bytesOf(span, layout)));
    return {
      size,
      open: () => Readable.from(muted(createReadStream(path), mute, layout.silence)),
    };
  } finally {
    await file.close();
  }
}

async function* muted(
  input: AsyncIterable<Buffer>,
  mute: readonly Span[],
  silence: number,
): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of input) {
    for (const { start, end } of mute) {
      const to = Math.min(chunk.length, end - at);
      if (to > 0 && start - at < to) chunk.fill(silence, Math.max(0, start - at), to);
    }
    at += chunk.length;
    yield chunk;
  }
}

/** Whole samples, rather one too many than one too few. */
function bytesOf({ start, end }: Span, { from, bytesPerMs, block }: Layout): Span {
  return {
    start: from + Math.max(0, Math.floor((start * bytesPerMs) / block) * block),
    end: from + Math.ceil((end * bytesPerMs) / block) * block,
  };
}

function layoutOf(header: Buffer): Layout | undefined {
  const name = (at: number) => header.toString('latin1', at, at + 4);
  if (header.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') return undefined;
  let format: Omit<Layout, 'from'> | undefined;
  for (let at = 12; at + 8 <= header.length;) {
    const length = header.readUInt32LE(at + 4);
    if (name(at) === 'data') return format && { ...format, from: at + 8 };
    if (name(at) === 'fmt ' && at + 8 + length <= header.length)
      format = formatOf(header, at + 8, length);
    at += 8 + length + (length % 2);
  }
  return undefined;
}

function formatOf(header: Buffer, at: number, length: number): Omit<Layout, 'from'> | undefined {
  if (length < 16) return undefined;
  const tag = header.readUInt16LE(at);
  const kind = tag === EXTENSIBLE && length >= 26 ? header.readUInt16LE(at + 24) : tag;
  if (kind !== PCM && kind !== FLOAT) return undefined;
  const [bytesPerSecond, block] = [header.readUInt32LE(at + 8), header.readUInt16LE(at + 12)];
  if (bytesPerSecond === 0 || block === 0) return undefined;
  const bits = header.readUInt16LE(at + 14);
  // Samples of one byte are not signed.
  return { bytesPerMs: bytesPerSecond / 1000, block, silence: bits <= 8 ? 0x80 : 0 };
}
