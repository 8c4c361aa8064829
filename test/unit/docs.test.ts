import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeEnvironment } from '../../src/config/environment.js';
import { withGeneratedParts } from '../../src/devkit/docs/generated.js';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const PACKAGE = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as PackageJson;

describe('the configuration table of the README', () => {
  test('is what the schema says: else run `npm run docs`', async () => {
    expect(await withGeneratedParts(README)).toBe(README);
  });

  test('has every variable, and would be made anew if one were missing', async () => {
    for (const { name } of describeEnvironment()) expect(README).toContain(`| \`${name}\``);
    const stale = README.replace(/\| `HEALTH_PORT`.*\n/, '');
    expect(stale).not.toBe(README);
    expect(await withGeneratedParts(stale)).toBe(README);
  });

  test('a part that nobody makes is a fault', async () => {
    await expect(withGeneratedParts('<!-- generated: weather -->\n')).rejects.toThrow('weather');
  });
});

describe('packages', () => {
  const { dependencies, devDependencies, optionalDependencies = {} } = PACKAGE;

  test('are pinned to one version each', () => {
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    for (const [name, version] of Object.entries(all)) {
      expect(`${name} ${version}`).toMatch(/^\S+ \d+\.\d+\.\d+(-[\w.]+)?$/);
    }
  });

  test('each has its reason in the README, and no other has', () => {
    const section = README.split('### Packages, and why they are there')[1]?.split('\n#')[0] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| '));
    const named = rows.flatMap((line) =>
      [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    const installed = [dependencies, devDependencies, optionalDependencies].flatMap(Object.keys);
    expect(named.toSorted()).toEqual(installed.toSorted());
  });
});
