import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { FuzzedParser } from './fuzzed-parser.js';
import { giantBytes, giantTexts } from './giants.js';
import { mutatedBytes, mutatedTexts } from './mutations.js';

export interface FuzzOptions {
  readonly inputs: number;
  /** The same seed makes the same inputs. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FuzzReport {
  readonly name: string;
  readonly inputs: number;
  /** CPU for one input, milliseconds; for one of 10 MB. */
  readonly slowestMs: number;
  readonly slowestGiantMs: number;
  /** What stays in memory after it all. */
  readonly grownBytes: number;
}

/** An input that a parser does not bear. */
export class FuzzFinding extends Error {
  override readonly name = 'FuzzFinding';
  readonly code = 'fuzz_finding';
}

/** Of this process's CPU, so that a machine that is busy is not taken for a parser that hangs. */
const HANG_MS = 1000;
const GIANT_HANG_MS = 5000;
/** Until what goes through a socket counts as lost. */
const LOST_MS = 30_000;
/** Code that is compiled, and the tables of the random inputs. */
const MAY_GROW_BYTES = 12 * 1024 * 1024;
const WARM_UP = 200;
const SHOWN = 300;

/**
 * Feeds a parser with faulty inputs: it must not throw what it does not promise, hang, keep memory, or change the
 * prototypes of all objects.
 * @throws FuzzFinding with the smallest such input that was found
 */
export async function fuzz(parser: FuzzedParser, options: FuzzOptions): Promise<FuzzReport> {
  const slowest = await feedGiants(parser);
  const inputs = parser.slow ? Math.ceil(options.inputs / 10) : options.inputs;
  const { seed, signal } = options;
  await feed(parser, { inputs: Math.min(WARM_UP, inputs), seed: seed + 1, signal });
  const before = heapBytes();
  const slowestMs = await feed(parser, { inputs, seed, signal });
  const grownBytes = Math.max(0, heapBytes() - before);
  if (grownBytes > MAY_GROW_BYTES) {
    throw new FuzzFinding(`${parser.name}: ${grownBytes} bytes stay after ${inputs} inputs`);
  }
  return { name: parser.name, inputs, slowestMs, slowestGiantMs: slowest, grownBytes };
}

async function feed(parser: FuzzedParser, { inputs, seed, signal }: FuzzOptions): Promise<number> {
  let slowestMs = 0;
  const one = async (input: string | Uint8Array): Promise<void> => {
    signal?.throwIfAborted();
    slowestMs = Math.max(slowestMs, await readWithin(HANG_MS, parser, input));
  };
  const checked =
    parser.kind === 'text'
      ? fc.asyncProperty(mutatedTexts(parser.seeds), one)
      : fc.asyncProperty(mutatedBytes(parser.seeds), one);
  const { failed, counterexample, errorInstance } = await fc.check(checked, {
    numRuns: inputs,
    seed,
  });
  signal?.throwIfAborted();
  if (failed) {
    const shown = JSON.stringify(counterexample).slice(0, SHOWN);
    throw new FuzzFinding(`${parser.name}: ${messageOf(errorInstance)}; input ${shown}`, {
      cause: errorInstance,
    });
  }
  return slowestMs;
}

async function feedGiants(parser: FuzzedParser): Promise<number> {
  let slowest = 0;
  const giants =
    parser.kind === 'text'
      ? giantTexts(parser.seeds[0] ?? '')
      : giantBytes(parser.seeds[0] ?? Buffer.alloc(1));
  for (const [index, giant] of giants.entries()) {
    const took = await readWithin(GIANT_HANG_MS, parser, giant).catch((cause: unknown) => {
      throw new FuzzFinding(`${parser.name}: ${messageOf(cause)}; giant ${index}`, { cause });
    });
    slowest = Math.max(slowest, took);
  }
  return slowest;
}

async function readWithin(
  limitMs: number,
  parser: FuzzedParser,
  input: string | Uint8Array,
): Promise<number> {
  const before = process.cpuUsage();
  try {
    const read =
      parser.kind === 'text' ? parser.read(input as string) : parser.read(input as Uint8Array);
    if (read instanceof Promise) await (parser.slow ? inTime(read) : read);
  } catch (error) {
    if (!parser.mayThrow?.(error)) throw error;
  }
  const { user, system } = process.cpuUsage(before);
  const took = (user + system) / 1000;
  if ('polluted' in {}) {
    delete (Object.prototype as { polluted?: unknown }).polluted;
    throw new Error('the prototype of all objects was changed');
  }
  if (took > limitMs) throw new Error(`it took ${Math.round(took)} ms`);
  return took;
}

async function inTime(read: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing more was heard of it')), LOST_MS);
  });
  await Promise.race([read, lost]).finally(() => clearTimeout(timer));
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
