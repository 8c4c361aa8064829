import { benchCaptions } from './captions.js';
import { benchPulse } from './pulse.js';

/** A benchmark says what it does as it goes, and gives its figures, which are printed last as one line of JSON. */
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = {
  captions: benchCaptions,
  pulse: benchPulse,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  console.error(`Usage: npm run bench -- <${Object.keys(BENCHES).join('|')}>`);
  process.exit(2);
}
console.log(JSON.stringify(await bench(args)));
process.exit(0);
