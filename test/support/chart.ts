import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { findHelm } from '../../src/devkit/helm.js';

export const CHART = fileURLToPath(new URL('../../deploy/chart', import.meta.url));
const run = promisify(execFile);
const helm = findHelm();

/** Values with which the chart is tested: files in `deploy/chart/ci`. */
export const VALUES = ['least', 'all', 'hpa', 'keda', 'numbers'] as const;

/** Whether tests that need Helm are left out. Never in CI: there they fail without it. */
export const withoutHelm = !helm && !process.env['CI'];
if (withoutHelm) console.warn('No Helm: the chart is not rendered. "npm test" says what to do.');

const anyObject = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
export type AnyObject = z.infer<typeof anyObject>;

/** @returns what it prints. @throws with what it says is wrong */
export async function runHelm(...args: string[]): Promise<string> {
  if (!helm) throw new Error('There is no Helm: "npm test" says why, before the tests.');
  return (await run(helm, args)).stdout;
}

/** The objects that an installation called "captions" would make. */
export function render(...args: string[]): Promise<AnyObject[]> {
  return renderAs('captions', ...args);
}

export async function renderAs(release: string, ...args: string[]): Promise<AnyObject[]> {
  const text = await runHelm('template', release, CHART, ...args);
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'));
    const value: unknown = document.toJS();
    return value === null ? [] : [anyObject.parse(value)];
  });
}

export const values = (name: string): [string, string] => ['-f', join(CHART, 'ci', `${name}.yaml`)];
