import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withGeneratedParts } from './generated.js';

/** Writes what in the README is made from the code. `npm run docs`. */
const README = fileURLToPath(new URL('../../../README.md', import.meta.url));
await writeFile(README, await withGeneratedParts(await readFile(README, 'utf8')));
