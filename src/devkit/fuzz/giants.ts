const MEGABYTE = 1024 * 1024;
const SIZE = 10 * MEGABYTE;

/** Few and huge: a long text, and a valid input with such a text, depth or number of parts in it. */
export function giantTexts(seed: string): string[] {
  const inside = (text: string): string => seed.replace(/"(?=[^"]*"[^:])/, () => `"${text}`);
  const first = (json: string): string =>
    seed.replace(
      /:\s*(?:"(?:[^"\\]|\\.)*"|[\d.]+|true|false|null|\[|\{)/,
      () => `:${json},"rest":`,
    );
  return [
    'x'.repeat(SIZE),
    ' '.repeat(MEGABYTE),
    '\u202e\ud800'.repeat(MEGABYTE / 4),
    inside('long '.repeat(SIZE / 5)),
    inside('e\u0301'.repeat(MEGABYTE / 2)),
    first('['.repeat(200_000) + ']'.repeat(200_000)),
    first('{"a":'.repeat(100_000) + '0' + '}'.repeat(100_000)),
    first(`[${'{},'.repeat(200_000)}{}]`),
    first(`{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":"en"`).join(',')}}`),
    `${seed}\n`.repeat(Math.ceil(MEGABYTE / seed.length)),
  ];
}

export function giantBytes(seed: Uint8Array): Buffer[] {
  const many = Math.ceil(MEGABYTE / seed.length);
  return [
    Buffer.alloc(SIZE),
    Buffer.alloc(MEGABYTE, 0xff),
    Buffer.alloc(MEGABYTE, 0x0a),
    Buffer.concat([seed, Buffer.alloc(SIZE)]),
    Buffer.concat(Array.from({ length: many }, () => seed)),
  ];
}
