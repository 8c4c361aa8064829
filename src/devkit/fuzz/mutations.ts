import fc from 'fast-check';

/** What breaks readers: as text, to be put anywhere into an input. */
const HOSTILE = [
  '__proto__',
  '"__proto__":{"polluted":true},',
  '"constructor":{"prototype":{"polluted":true}},',
  'toString',
  '\u202e',
  '\u2066',
  '\ud800',
  '\udc00',
  '\\ud800',
  '\u0000',
  '\\u0000',
  '\ufeff',
  '\u2028',
  '1e308',
  '-1e308',
  '1e999',
  '9007199254740993',
  '-0',
  'NaN',
  'null',
  '[',
  '{"a":',
  '"',
  '\\',
  '\n',
  '\r\n',
  '<script>',
  '-->',
  '../',
  '%00',
  '$&',
  'e\u0301'.repeat(200),
  '👩‍👩‍👧‍👦'.repeat(50),
  'x'.repeat(4000),
  ' '.repeat(4000),
  '['.repeat(3000),
  '{"a":'.repeat(1000),
];

/** Names that a field may have in place of its own. */
const NAMES = ['__proto__', 'constructor', 'toString', 'type', 'id', 'words', 'length', ''];

/** Values that a field may have in place of its own, as JSON. */
const VALUES = [
  ...['null', 'true', '""', '[]', '{}', '0', '-1', '1.5', '1e308', '-1e308', '5e-324', '1e21'],
  ...['9007199254740993', '"\\ud800"', '"\\u202eabc"', '"__proto__"', '[[[[[[[[]]]]]]]]'],
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `"${'\\u0000'.repeat(500)}"`,
  `[${'0,'.repeat(2000)}0]`,
  `"${'long '.repeat(1000)}"`,
];

type Edit = readonly [kind: number, where: number, what: number];

/** Where in the input, as a share of its length, and which of what there is. */
const edits = fc.array(fc.tuple(fc.nat(6), fc.nat(9999), fc.nat(0xffff)), {
  minLength: 1,
  maxLength: 4,
});

/**
 * Valid texts with one to four faults in them: of any kind, or such that JSON stays JSON; one in some dozens is left as
 * it is.
 */
export function mutatedTexts(seeds: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...seeds), edits, fc.nat(30)).map(([seed, made, how]) => {
    if (how === 0) return seed;
    return made.reduce(how % 2 === 0 ? editText : editJson, seed);
  });
}

/** The same for what is not text. */
export function mutatedBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...seeds), edits, fc.nat(30))
    .map(([seed, made, whole]) =>
      whole === 0 ? Buffer.from(seed) : made.reduce(editBytes, Buffer.from(seed)),
    );
}

function editText(text: string, [kind, where, what]: Edit): string {
  const at = Math.floor((where / 10_000) * (text.length + 1));
  const length = what % 64;
  switch (kind) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + length);
    case 2:
      return text.slice(0, at) + text.slice(at, at + length).repeat(1 + (what % 40));
    case 3:
      return text.slice(0, at) + String.fromCharCode(what) + text.slice(at + 1);
    case 4:
      return text.slice(0, at) + (HOSTILE[what % HOSTILE.length] ?? '') + text.slice(at);
    default:
      return otherValue(text, where, VALUES[what % VALUES.length] ?? '');
  }
}

/** Another value, a further field, a field of another name, or a hostile text within one. */
function editJson(text: string, [kind, where, what]: Edit): string {
  const value = VALUES[what % VALUES.length] ?? '';
  switch (kind) {
    case 0:
      return atOneOf(text, /\{(?=")/g, where, (brace) => `${brace}"__proto__":${value},`);
    case 1:
      return atOneOf(text, /"(\w+)"(?=\s*:)/g, where, () => `"${NAMES[what % NAMES.length]}"`);
    case 2: {
      const hostile = JSON.stringify(HOSTILE[what % HOSTILE.length]).slice(1, -1);
      return atOneOf(text, /"(?=[^"]*"\s*[,}\]])/g, where, (quote) => quote + hostile);
    }
    default:
      return otherValue(text, where, value);
  }
}

function atOneOf(
  text: string,
  places: RegExp,
  where: number,
  write: (found: string) => string,
): string {
  const found = [...text.matchAll(places)].filter(([match]) => !match.endsWith(':'));
  const place = found[where % Math.max(1, found.length)];
  if (!place) return text;
  const end = place.index + place[0].length;
  return text.slice(0, place.index) + write(place[0]) + text.slice(end);
}

/** Puts another value where JSON has one. Names are found, too, so that none is taken for a value. */
function otherValue(text: string, where: number, value: string): string {
  const tokens = /"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[\d.eE+-]*|true|false|null|\[\]|\{\}/g;
  return atOneOf(text, tokens, where, () => value);
}

function editBytes(bytes: Buffer, [kind, where, what]: Edit): Buffer {
  const at = Math.floor((where / 10_000) * (bytes.length + 1));
  const length = what % 64;
  const before = bytes.subarray(0, at);
  switch (kind) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    case 3: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << (what % 8));
      return flipped;
    }
    case 4: {
      const word = Buffer.from(HOSTILE[what % HOSTILE.length] ?? '');
      return Buffer.concat([before, word, bytes.subarray(at)]);
    }
    default: {
      const filled = Buffer.from(bytes);
      return filled.fill(what % 2 === 0 ? 0xff : what % 256, at, Math.min(at + 10, filled.length));
    }
  }
}
