/** A WAV file of 16-bit mono PCM. */
export function encodeWav(samples: Int16Array, sampleRate: number): Uint8Array {
  const bytes = samples.byteLength;
  const file = new Uint8Array(44 + bytes);
  const view = new DataView(file.buffer);
  const ascii = (at: number, text: string): void => file.set(new TextEncoder().encode(text), at);
  ascii(0, 'RIFF');
  view.setUint32(4, 36 + bytes, true);
  ascii(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  ascii(36, 'data');
  view.setUint32(40, bytes, true);
  file.set(new Uint8Array(samples.buffer, samples.byteOffset, bytes), 44);
  return file;
}
