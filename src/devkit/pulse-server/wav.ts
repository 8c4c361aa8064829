/** What a file must be to be read here. */
export class AudioFormatError extends Error {
  override readonly name = 'AudioFormatError';
  readonly code = 'audio_format_unknown';
}

export interface Sound {
  readonly sampleRate: number;
  /** Mono. Several channels are mixed. */
  readonly samples: Int16Array;
}

const PCM = 1;
const EXTENSIBLE = 0xfffe;

/**
 * Reads a WAV file with 16-bit PCM samples. A length in the header that is longer than the file, as programs that
 * write to a pipe leave it, means: until the end.
 *
 * @throws AudioFormatError
 */
export function readWav(file: Buffer): Sound {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new AudioFormatError('not a WAV file: this local stand-in reads no other format');
  }
  let format: { channels: number; sampleRate: number } | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const name = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const body = file.subarray(at + 8, at + 8 + length);
    if (name === 'fmt ') format = readFormat(body);
    if (name === 'data') {
      if (format === undefined) throw new AudioFormatError('a WAV file without a format');
      return { sampleRate: format.sampleRate, samples: mixed(body, format.channels) };
    }
    at += 8 + length + (length % 2);
  }
  throw new AudioFormatError('a WAV file without samples');
}

/** A WAV file of mono 16-bit samples. */
export function writeWav({ sampleRate, samples }: Sound): Buffer {
  const bytes = samples.length * 2;
  const file = Buffer.alloc(44 + bytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + bytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(PCM, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(bytes, 40);
  for (const [index, sample] of samples.entries()) file.writeInt16LE(sample, 44 + 2 * index);
  return file;
}

function readFormat(body: Buffer): { channels: number; sampleRate: number } {
  if (body.length < 16) throw new AudioFormatError('a WAV file with a broken format');
  const tag = body.readUInt16LE(0);
  const channels = body.readUInt16LE(2);
  const sampleRate = body.readUInt32LE(4);
  const bits = body.readUInt16LE(14);
  if ((tag !== PCM && tag !== EXTENSIBLE) || bits !== 16) {
    throw new AudioFormatError('a WAV file that is not 16-bit PCM');
  }
  if (channels < 1 || channels > 8 || sampleRate < 4000 || sampleRate > 192_000) {
    throw new AudioFormatError('a WAV file with an odd number of channels or sample rate');
  }
  return { channels, sampleRate };
}

function mixed(body: Buffer, channels: number): Int16Array {
  const samples = new Int16Array(Math.floor(body.length / 2 / channels));
  for (let index = 0; index < samples.length; index += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += body.readInt16LE(2 * (index * channels + channel));
    }
    samples[index] = Math.round(sum / channels);
  }
  return samples;
}
