import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);

const options: BuildOptions & { write: false } = {
  bundle: true,
  format: 'iife',
  globalName: 'app',
  platform: 'browser',
  jsx: 'automatic',
  write: false,
  absWorkingDir: ROOT,
  define: { 'process.env.NODE_ENV': '"production"' },
  // What `exports` of package.json gives an app, longest names first.
  alias: Object.fromEntries(
    ['client/element', 'client/react', 'client'].map((name) => [
      `livekit-pulse-captions/${name}`,
      require.resolve(`livekit-pulse-captions/${name}`),
    ]),
  ),
};

/** Bundles a program for the browser, as an app's build does. */
export async function bundleFile(file: string): Promise<string> {
  const { outputFiles } = await build({ ...options, entryPoints: [`${ROOT}${file}`] });
  return outputFiles[0]?.text ?? '';
}

/** The same for a program as text, in JavaScript or JSX. */
export async function bundleText(contents: string): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    stdin: { contents, resolveDir: ROOT, loader: 'jsx' },
  });
  return outputFiles[0]?.text ?? '';
}

/** The code block of a language that comes first after a heading of a document of ours. */
export async function exampleIn(document: string, heading: string, language: string) {
  const text = await readFile(`${ROOT}${document}`, 'utf8');
  const after = text.slice(text.indexOf(`# ${heading}`));
  const [, code] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(after) ?? [];
  if (code === undefined) throw new Error(`${document} has no ${language} below “${heading}”`);
  return code;
}

/** Serves pages of apps, all at one origin, as the tabs of one browser share their storage by origin. */
export class AppServer {
  readonly #files = new Map<string, string>();
  readonly #server = createServer(({ url = '' }, response) => {
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.setHeader('Content-Type', `${type}; charset=utf-8`);
    response.end(this.#files.get(url) ?? '');
  });

  static async start(): Promise<AppServer> {
    const server = new AppServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** A tab with a page of its own. What the program exports is `window.app`. */
  async open(context: BrowserContext, program: string, body = ''): Promise<Page> {
    const path = `/app-${this.#files.size}`;
    this.#files.set(
      path,
      `<!doctype html><html lang="en"><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>An app</title><link rel="icon" href="data:,">
      <style>body { margin: 0 } .call { position: relative; height: 100vh;
        background: linear-gradient(160deg, #38506b, #c9a27e 55%, #5d6d4e) }</style>
      ${body}<script src="${path}.js"></script>`,
    );
    this.#files.set(`${path}.js`, program);
    const { port } = this.#server.address() as AddressInfo;
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}${path}`);
    return page;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
