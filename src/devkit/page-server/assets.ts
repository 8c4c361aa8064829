import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PageServerError } from './errors.js';

export interface Asset {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

export interface Assets {
  /** By the path of the request. What is not in it does not exist: no request ever names a file. */
  readonly files: ReadonlyMap<string, Asset>;
  /** The inline scripts of the page, as sources for its Content-Security-Policy. */
  readonly scriptHashes: readonly string[];
}

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const PACKAGE_ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STATIC_DIR = join(PACKAGE_ROOT, 'src/devkit/page');
const COMPILED_DIR = join(PACKAGE_ROOT, 'dist/devkit/page');
const CLIENT_DIR = join(PACKAGE_ROOT, 'dist/client');
const STATIC_FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/theme.css', 'theme.css', 'text/css; charset=utf-8'],
  ['/join.css', 'join.css', 'text/css; charset=utf-8'],
  ['/room.css', 'room.css', 'text/css; charset=utf-8'],
  ['/stage.css', 'stage.css', 'text/css; charset=utf-8'],
  ['/transcript.css', 'transcript.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;

/** Reads the whole page into memory. Throws `PageServerError` when it was never compiled. */
export async function loadAssets(compiledDir = COMPILED_DIR): Promise<Assets> {
  const files = new Map<string, Asset>();
  for (const [path, name, type] of STATIC_FILES) {
    files.set(path, await asset(join(STATIC_DIR, name), type));
  }
  const modules = await compiledModules(compiledDir);
  if (!modules.includes('main.js')) throw notBuilt(compiledDir);
  for (const name of modules) {
    files.set(`/${name}`, await asset(join(compiledDir, name), JAVASCRIPT));
  }
  for (const name of await compiledModules(CLIENT_DIR)) {
    files.set(`/client/${name}`, await asset(join(CLIENT_DIR, name), JAVASCRIPT));
  }
  files.set('/vendor/livekit-client.mjs', await asset(livekitClient(), JAVASCRIPT));
  const html = files.get('/')?.body.toString('utf8') ?? '';
  return { files, scriptHashes: inlineScriptHashes(html) };
}

/** Browsers run an inline script under a strict policy when the policy names the hash of its text. */
export function inlineScriptHashes(html: string): string[] {
  return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([^]*?)<\/script>/g)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
}

async function asset(file: string, type: string): Promise<Asset> {
  const body = await readFile(file);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { body, type, etag };
}

async function compiledModules(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw notBuilt(folder, { cause });
  });
  return names.filter((name) => /^[a-z-]+\.js$/.test(name));
}

function notBuilt(folder: string, options?: ErrorOptions): PageServerError {
  return new PageServerError(
    'not_built',
    `The meeting page is not compiled: ${folder} has no main.js. Run "npm run build" first.`,
    options,
  );
}

/** The client's own bundle: one file without imports. `require` resolves to its neighbour. */
function livekitClient(): string {
  const entry = createRequire(import.meta.url).resolve('livekit-client');
  return join(dirname(entry), 'livekit-client.esm.mjs');
}
