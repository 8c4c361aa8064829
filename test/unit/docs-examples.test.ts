import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENTS = [
  ...['README.md', 'SECURITY.md', 'CONTRIBUTING.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** What a reader has in their own program where an example begins. */
const SURROUNDINGS = `
import type { RemoteParticipant, Room as BrowserRoom } from 'livekit-client';
declare global {
  const room: BrowserRoom;
  const captioner: RemoteParticipant;
  const url: string;
  const token: string;
  function show(label: string, text: string): void;
  const app: any;
  const express: any;
}
`;

interface Example {
  /** Below the repository, where its imports find the packages. */
  readonly file: string;
  readonly code: string;
}

/** Of a language that is compiled. */
function examplesIn(name: string): Example[] {
  const markdown = readFileSync(join(ROOT, name), 'utf8');
  return [...markdown.matchAll(/^```(ts|js|tsx|jsx)\n([^]*?)^```$/gm)].map(
    ([, language = '', code = ''], index) => ({
      file: join(ROOT, 'test', `${name.replaceAll(/\W/g, '-')}-${index}.${language}`),
      // An example without imports is a module too.
      code: `${code}\nexport {};\n`,
    }),
  );
}

test('every example of the documents compiles', { timeout: 120_000 }, () => {
  const examples = DOCUMENTS.flatMap(examplesIn);
  expect(examples.length).toBeGreaterThan(5);
  const surroundings = join(ROOT, 'test', 'surroundings.d.ts');
  const texts = new Map([
    [surroundings, SURROUNDINGS],
    ...examples.map(({ file, code }) => [file, code] as const),
  ]);
  const { diagnostics, host, options } = compilerFor(texts);
  expect(diagnostics).toEqual([]);
  const program = ts.createProgram([...texts.keys()], options, host);
  const faults = [...texts.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  const told = faults
    .filter((fault) => !isStrictness(fault))
    .map(({ file, start = 0, messageText }) => {
      const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
      const text = ts.flattenDiagnosticMessageText(messageText, '\n');
      return `${file?.fileName.slice(ROOT.length)}:${line + 1} ${text}`;
    });
  expect(told).toEqual([]);
});

/** Of a JavaScript example: that something may be null is for the reader to see. */
function isStrictness({ file, code, messageText }: ts.Diagnostic): boolean {
  if (!/\.jsx?$/.test(file?.fileName ?? '')) return false;
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  return code === 2531 || / '?(undefined|null)'?/.test(text);
}

/** The compiler as the tests have it, with files that are only in memory. */
function compilerFor(texts: ReadonlyMap<string, string>) {
  const config = join(ROOT, 'test', 'tsconfig.json');
  const parsed = ts.getParsedCommandLineOfConfigFile(
    config,
    // The examples leave to the reader what is strict about a parameter's type.
    { allowJs: true, checkJs: true, noImplicitAny: false, noUnusedLocals: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  const options = { ...parsed?.options, jsx: ts.JsxEmit.ReactJSX, noEmit: true };
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = (file) => texts.has(file) || disk.fileExists(file);
  host.readFile = (file) => texts.get(file) ?? disk.readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file);
    return text === undefined
      ? disk.getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, text, version, true);
  };
  return { diagnostics: parsed?.errors ?? [], options, host };
}
