import { benchCaptions } from './captions.js';
import { benchCost } from './cost/index.js';
import { benchDensity } from './density/index.js';
import { benchFrames } from './frames/index.js';
import { benchFuzz } from './fuzz.js';
import { benchPulse } from './pulse.js';
import { benchSoak } from './soak/index.js';
import { benchTranscript } from './transcript/index.js';

/**
 * A benchmark says what it does as it goes, and gives its figures, which are printed last as one line of JSON; none
 * when it was only asked for help. One whose figures say `holds: false` has failed.
 */
const BENCHES: Readonly<
  Record<string, (args: readonly string[], signal: AbortSignal) => Promise<object | undefined>>
> = {
  captions: benchCaptions,
  cost: benchCost,
  density: benchDensity,
  frames: benchFrames,
  fuzz: benchFuzz,
  pulse: benchPulse,
  soak: benchSoak,
  transcript: benchTranscript,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  console.error(`Usage: npm run bench -- <${Object.keys(BENCHES).join('|')}>`);
  process.exit(2);
}
// The first signal lets a benchmark stop what it started; what is left is killed with this process.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130);
    console.error(`Stopping (${signal}) …`);
    stop.abort();
  });
}
try {
  const figures = await bench(args, stop.signal);
  if (figures) console.log(JSON.stringify(figures));
  process.exit(figures && 'holds' in figures && figures.holds === false ? 1 : 0);
} catch (error) {
  if (!stop.signal.aborted) console.error(error);
  process.exit(stop.signal.aborted ? 130 : 1);
}
