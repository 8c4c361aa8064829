import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureModel, ModelError } from '../../src/devkit/model.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'captions-model-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** An npm that has neither a network nor anything in its cache. */
const offline = () => ({
  ...process.env,
  CAPTIONS_CACHE_DIR: join(folder, 'cache'),
  npm_config_offline: 'true',
  npm_config_cache: join(folder, 'npm'),
});

test('without a network the error says what to do, and nothing is left behind', async () => {
  const lines: string[] = [];
  const error: unknown = await ensureModel((line) => lines.push(line), undefined, offline()).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject({ code: 'model_fetch_failed', cause: expect.any(Error) as Error });
  expect(String(error)).toContain('try again with a network');
  expect(String(error)).toContain(join(folder, 'cache'));
  expect(lines).toHaveLength(1);
  expect(await readdir(join(folder, 'cache'))).toEqual(['moonshine-tiny-0.1.17']);
}, 30_000);

test('it can be stopped', async () => {
  const stop = new AbortController();
  const fetching = ensureModel(() => stop.abort(new Error('enough')), stop.signal, offline());
  await expect(fetching).rejects.toThrow('enough');
  expect(await readdir(join(folder, 'cache'))).toEqual(['moonshine-tiny-0.1.17']);
}, 30_000);
