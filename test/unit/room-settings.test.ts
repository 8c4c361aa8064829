import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { streamOptionFaults } from '../../src/pulse/options.js';
import { readSettings } from '../../src/room/settings.js';
import { Wishes } from '../../src/room/wishes.js';

const read = (captions: unknown, before = {}) =>
  readSettings(JSON.stringify({ captions }), 'room metadata', before);

describe('metadata of a room', () => {
  test('has settings under its key, beside what is none of ours', () => {
    const captions = {
      enabled: true,
      language: 'fr-CA',
      languages: { bob: 'de', eve: 'auto' },
      keywords: ['Blackwell:1', 'Jensen Huang:2'],
      redact: true,
      diarize: false,
      theme: 'dark',
    };
    expect(readSettings(JSON.stringify({ captions, other: [1] }), 'room metadata')).toEqual({
      settings: {
        enabled: true,
        language: 'fr',
        languages: new Map([
          ['bob', 'de'],
          ['eve', 'multi'],
        ]),
        keywords: 'Blackwell:1,Jensen Huang:2',
        redact: true,
        diarize: false,
      },
      faults: [],
    });
  });

  test.each([
    '',
    '  ',
    '{}',
    '{"topic":"chess"}',
    '{"captions":null}',
    '{"captions":{}}',
    '"text"',
  ])('%j asks for nothing', (text) => {
    const before = { language: 'fr' };
    expect(readSettings(text, 'room metadata', before)).toEqual({ settings: {}, faults: [] });
  });

  test.each([
    ['{captions: 1}', 'The room metadata is not JSON.'],
    ['{"captions":true}', 'The room metadata has a key captions that is not an object.'],
    ['{"captions":["en"]}', 'The room metadata has a key captions that is not an object.'],
    [' '.repeat(600_000) + '{', 'The room metadata is too long to be read.'],
  ])('%.30j is reported and changes nothing', (text, fault) => {
    const before = { enabled: false };
    expect(readSettings(text, 'room metadata', before)).toEqual({
      settings: before,
      faults: [fault],
    });
  });

  test.each([
    ['enabled', 'no', /enabled that is neither true nor false/],
    ['redact', 1, /redact that is neither/],
    ['diarize', [], /diarize that is neither/],
    ['language', 'tlh', /language "tlh", which is not there; there are en hi .* auto\.$/],
    ['language', 7, /something else than text/],
    ['languages', 'fr', /not an object of identities/],
    ['keywords', 5, /not a list/],
  ])('a wrong %s (%j) is reported, keeps what it was, and the rest holds', (name, value, fault) => {
    const before = {
      ...{ enabled: false, language: 'fr', keywords: 'Ng:1', redact: true, diarize: true },
      languages: new Map([['bob', 'de']]),
    };
    const good = { enabled: true, language: 'es', keywords: ['Li'], redact: false, diarize: false };
    const { settings, faults } = read({ ...good, languages: {}, [name]: value }, before);
    const rest = { ...good, keywords: 'Li', languages: new Map() };
    expect(settings).toEqual({ ...rest, [name]: before[name as keyof typeof before] });
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });

  test('one wrong language of several leaves the others, and its own from before', () => {
    const before = { languages: new Map([['bob', 'de']]) };
    const { settings, faults } = read({ languages: { bob: 'xx', eve: 'fr', joe: 'xx' } }, before);
    expect(settings.languages).toEqual(
      new Map([
        ['bob', 'de'],
        ['eve', 'fr'],
      ]),
    );
    expect(faults).toHaveLength(1);
  });

  test.each([
    [['Blackwell:1', 'Ng'], 'Blackwell:1,Ng', 0],
    [['Ng:9', 'Li', 3, 'a,b', '', '\u0007'], 'Li', 4],
    [[], '', 0],
    ['Ng:1,Li', 'Ng:1,Li', 0],
    [Array.from({ length: 5000 }, (_, index) => `word${index}`), /^word0,.*\d$/, 1],
  ])('keywords %.40j', (given, kept, faults) => {
    const result = read({ keywords: given });
    expect(result.settings.keywords).toMatch(typeof kept === 'string' ? RegExp(`^${kept}$`) : kept);
    expect(result.settings.keywords?.length).toBeLessThan(6000);
    expect(result.faults).toHaveLength(faults);
  });

  test('what is hostile is not repeated, but for a few harmless letters', () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      '\u202Eevil\u0007\u001b[31m',
      'x'.repeat(10_000),
      '😀'.repeat(500),
      '\uD800',
    ];
    for (const language of names) {
      const [fault = ''] = read({ language }).faults;
      expect(fault).toMatch(
        /^The room metadata asks for the language "[\p{L}\p{N}_.: -]*…?", which/u,
      );
      expect(fault.length).toBeLessThan(250);
    }
  });
});

test('the metadata of a dispatch may be the object itself', () => {
  const wrapped = readSettings('{"captions":{"language":"fr"}}', 'dispatch metadata');
  expect(readSettings('{"language":"fr","x":1}', 'dispatch metadata')).toEqual(wrapped);
  expect(wrapped.settings).toEqual({ language: 'fr' });
  expect(readSettings('room 7', 'dispatch metadata').faults).toEqual([
    'The dispatch metadata is not JSON.',
  ]);
});

test('whatever is there, what comes out can be used', { timeout: 60_000 }, () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('en', 'auto', 'xx', true, false, 'true', null),
    fc.array(fc.oneof(fc.string(), fc.constantFrom('Blackwell:1', 'a:9', ',')), { maxLength: 4 }),
    fc.dictionary(fc.string(), fc.constantFrom('fr', 'zz', 'de-AT'), { maxKeys: 4 }),
  );
  const keys = ['enabled', 'language', 'languages', 'keywords', 'redact', 'diarize', '__proto__'];
  const captions = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 6 });
  const text = fc.oneof(
    { weight: 6, arbitrary: captions.map((object) => JSON.stringify({ captions: object })) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
  );
  const source = fc.constantFrom('room metadata' as const, 'dispatch metadata' as const);
  fc.assert(
    fc.property(text, source, (given, from) => {
      const { settings, faults } = readSettings(given, from);
      for (const fault of faults) if (fault.length > 400 || /[\p{Cc}<>]/u.test(fault)) return false;
      const { language, keywords, languages } = settings;
      const used = [language, ...(languages?.values() ?? [])].map((code) => ({
        language: code ?? 'en',
        keywords: keywords || 'x',
      }));
      return used.every((options) => streamOptionFaults(options).length === 0);
    }),
    { numRuns: 100_000 },
  );
});

describe('who is heard in which language', () => {
  const room = (captions: object) => JSON.stringify({ captions });

  test.each([
    ['the environment', {}, {}, {}, 'it'],
    ['the dispatch', {}, {}, { language: 'de' }, 'de'],
    ['the room', {}, { language: 'es' }, { language: 'de' }, 'es'],
    ['the list of the dispatch', {}, { language: 'es' }, { languages: { bob: 'nl' } }, 'nl'],
    ['the list', {}, { languages: { bob: 'pt' } }, { languages: { bob: 'nl' } }, 'pt'],
    ['their own', { 'captions.language': 'fr' }, { languages: { bob: 'pt' } }, {}, 'fr'],
    ['detection', { 'captions.language': 'auto' }, { language: 'es' }, {}, 'multi'],
    ['their own, but none that is there', { 'captions.language': 'xx' }, {}, {}, 'it'],
    ['their own, but empty', { 'captions.language': '' }, { language: 'es' }, {}, 'es'],
  ])('%s', (_name, attributes, asked, dispatched, language) => {
    const wishes = new Wishes({ language: 'it' }, room(dispatched));
    wishes.roomAsks(room(asked));
    wishes.personAsks('bob', attributes);
    expect(wishes.languageOf('bob')).toBe(language);
    expect(wishes.recognitionOf('bob').language).toBe(language);
  });

  test('a wrong wish leaves the one before it, and is reported until it is put right', () => {
    const wishes = new Wishes({});
    wishes.personAsks('bob', { 'captions.language': 'fr' });
    wishes.personAsks('bob', { 'captions.language': `tlh${'x'.repeat(10_000)}` });
    expect(wishes.languageOf('bob')).toBe('fr');
    expect(wishes.faults).toEqual([
      expect.stringMatching(/^Somebody asks .*there are en .* auto\.$/),
    ]);
    expect(wishes.faults[0]?.length).toBeLessThan(300);
    wishes.personAsks('bob', {});
    expect(wishes.languageOf('bob')).toBe('en');
    expect(wishes.faults).toEqual([]);
  });

  test('a language that the service refuses is nobody’s, and that is said while somebody wants it', () => {
    const wishes = new Wishes({ language: 'en' });
    wishes.personAsks('bob', { 'captions.language': 'ja' });
    wishes.languageRefused('ja');
    expect(wishes.languageOf('bob')).toBe('en');
    expect(wishes.faults).toEqual(['The speech service refuses the language ja here.']);
    wishes.personAsks('bob', { 'captions.language': 'fr' });
    expect(wishes.languageOf('bob')).toBe('fr');
    expect(wishes.faults).toEqual([]);
  });
});

test.each([
  [undefined, false],
  ['', false],
  ['true', false],
  ['True', false],
  ['false', true],
  [' FALSE ', true],
  ['no', true],
  ['0', true],
])('captions.enabled %j means opted out: %s', (value, optedOut) => {
  const wishes = new Wishes({});
  wishes.personAsks('bob', value === undefined ? {} : { 'captions.enabled': value });
  expect(wishes.optedOut('bob')).toBe(optedOut);
});

test('what the room asks of the recognition counts before the dispatch and the environment', () => {
  const wishes = new Wishes(
    { keywords: 'Env:1', redactPii: true, diarize: true },
    '{"keywords":["Dispatch:1"],"diarize":false}',
  );
  expect(wishes.recognitionOf('bob')).toEqual({
    language: 'en',
    keywords: 'Dispatch:1',
    redactPii: true,
    redactPci: undefined,
    diarize: false,
  });
  wishes.roomAsks('{"captions":{"keywords":[],"redact":false,"enabled":false}}');
  expect(wishes.enabled).toBe(false);
  expect(wishes.recognitionOf('bob')).toMatchObject({
    keywords: undefined,
    redactPii: false,
    redactPci: false,
    diarize: false,
  });
});
