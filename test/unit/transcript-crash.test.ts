import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../src/logging.js';
import { readTranscript } from '../../src/transcript/read.js';
import { TranscriptStore } from '../../src/transcript/store/store.js';
import type { Transcript } from '../../src/transcript/transcript.js';

const KILLS = 50;
/** Calls that go on side by side, each with one captioner after the other. */
const CALLS = 5;

let folder: string;
let writer: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crash-'));
  writer = join(folder, 'journal-writer.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../support/journal-writer.ts', import.meta.url))],
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Only there for who has a store or a webhook.
    external: ['@aws-sdk/client-s3', 'livekit-server-sdk'],
    logLevel: 'error',
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Lets a captioner talk until it is killed, at any moment. @returns the ids of what counted as said */
async function killed(dir: string): Promise<string[]> {
  const child = spawn(process.execPath, [writer, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => told.push(line));
  const closed = once(lines, 'close');
  await once(lines, 'line');
  await sleep(Math.random() * 60);
  child.kill('SIGKILL');
  await closed;
  return told;
}

test('what counted as said is there, once, when its captioners are killed at 50 moments', async () => {
  const calls = await Promise.all(
    Array.from({ length: CALLS }, async () => {
      const dir = await mkdtemp(join(folder, 'transcripts-'));
      const told: string[] = [];
      for (let kill = 0; kill < KILLS / CALLS; kill += 1) told.push(...(await killed(dir)));
      return { dir, told };
    }),
  );
  for (const { dir, told } of calls) {
    const parts = (await readdir(dir)).filter((file) => file.endsWith('.jsonl')).sort();
    expect(parts).toHaveLength(KILLS / CALLS);
    const { segments } = await readTranscript(parts.map((file) => join(dir, file)));
    const ids = segments.map(({ id }) => id);
    expect(told.length).toBeGreaterThanOrEqual(KILLS / CALLS);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(ids);
    expect(told.filter((id) => !known.has(id))).toEqual([]);
    // What was on its way: at most one on each of three tracks, each time.
    expect(ids.length - told.length).toBeLessThanOrEqual((3 * KILLS) / CALLS);
    for (const { id, text } of segments) expect(text.startsWith(`${id} `)).toBe(true);
  }

  // The next worker makes of it what there is to be made.
  const [{ dir, told } = { dir: '', told: [] }] = calls;
  const next = new TranscriptStore({ directory: dir, formats: ['json'] }, createLogger('silent'), {
    lookMs: 50,
    abandonedMs: 0,
  });
  next.start();
  const pending = async () => (await readdir(dir)).filter((file) => file.endsWith('.pending'));
  await expect.poll(pending, { timeout: 30_000 }).toEqual([]);
  await next.close();
  const [exported = ''] = (await readdir(dir)).filter((file) => file.endsWith('.json'));
  const transcript = JSON.parse(await readFile(join(dir, exported), 'utf8')) as Transcript;
  expect(transcript.parts).toHaveLength(KILLS / CALLS);
  const exportedIds = transcript.segments.map(({ id }) => id);
  expect(exportedIds).toEqual([...new Set(exportedIds)]);
  expect(exportedIds).toEqual(expect.arrayContaining(told));
}, 60_000);
