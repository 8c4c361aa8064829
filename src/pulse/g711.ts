/** 16-bit PCM to the bytes of the wire. */
export type Encoder = (samples: Int16Array) => Uint8Array;

/** ITU-T G.711: 14-bit (mu-law) or 13-bit (A-law) magnitudes as 3 bits of segment and 4 of mantissa. */
export function encodeMulaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => {
    const sign = sample < 0 ? 0x80 : 0;
    const magnitude = Math.min(Math.abs(sample), 32635) + 132;
    const segment = Math.floor(Math.log2(magnitude)) - 7;
    const mantissa = (magnitude >> (segment + 3)) & 0x0f;
    return ~(sign | (segment << 4) | mantissa) & 0xff;
  });
}

export function encodeAlaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => {
    const sign = sample < 0 ? 0 : 0x80;
    // One's complement of negatives, as the standard's tables have it: -1 is the mirror of 0.
    const magnitude = Math.min(sample < 0 ? ~sample : sample, 32767);
    const segment = Math.max(0, Math.floor(Math.log2(Math.max(magnitude, 1))) - 7);
    const mantissa = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
    return (sign | (segment << 4) | mantissa) ^ 0x55;
  });
}

export function encodeLinear16(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
