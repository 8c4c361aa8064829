import { checkAll } from '../check/check.js';
import { CHECKS, type Finding } from '../check/finding.js';
import { ConfigError, loadConfig } from '../config/config.js';
import { readArguments } from './arguments.js';
import { performCommand } from './command.js';
import { UsageError } from './output.js';

const USAGE = `captions check [options]

Looks at everything that the worker will need, with its own configuration, and says what to do about what is wrong:
LiveKit's address, the clock, the key, a room with audio, Pulse, the transcripts' folder, store and webhook. It takes a
few seconds, makes a room of its own that is deleted again, and sends half a second of silence to Pulse.

Options
  --json     one JSON object: {"ok", "checks": [{"check", "level", "text"}]}
  --help     show this

Exit code: 0 nothing failed, 1 something did, 2 the configuration has to be changed first.
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code of the process */
export function runCheck(args: readonly string[]): Promise<number> {
  return performCommand({
    name: 'check',
    usage: USAGE,
    read: () => readCall(args),
    run,
    explained: () => undefined,
  });
}

/** @returns undefined when help is asked for */
function readCall(args: readonly string[]): { readonly json: boolean } | undefined {
  const { values, positionals } = readArguments(args, OPTIONS);
  const [unexpected] = positionals;
  if (unexpected !== undefined) throw new UsageError(`Unexpected argument '${unexpected}'`);
  return values.help === true ? undefined : { json: values.json };
}

async function run({ json }: { readonly json: boolean }): Promise<number> {
  // Without it the native side of LiveKit prints a line for each event of a room.
  process.env['NODE_ENV'] ??= 'production';
  const findings: Finding[] = [];
  const report = (finding: Finding) => {
    findings.push(finding);
    if (!json) process.stdout.write(line(finding));
  };
  const bad = configurationFault();
  report(bad ?? { check: 'configuration', level: 'ok', text: 'every variable is well formed' });
  if (!bad) await checkAll(loadConfig(process.env), report);
  const failures = findings.filter(({ level }) => level === 'failed').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  if (json) {
    const checks = findings.sort((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
    process.stdout.write(`${JSON.stringify({ ok: failures === 0, checks })}\n`);
  } else {
    process.stdout.write(`${failures} failed, ${warnings} with a warning\n`);
  }
  if (bad) return 2;
  return failures === 0 ? 0 : 1;
}

function configurationFault(): Finding | undefined {
  try {
    loadConfig(process.env);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.faults.map(({ variable, problem }) => `${variable}: ${problem}`);
    return { check: 'configuration', level: 'failed', text: faults.join('; ') };
  }
}

const WIDEST_LEVEL = 'skipped'.length;
const WIDEST_CHECK = Math.max(...CHECKS.map((check) => check.length));

function line({ check, level, text }: Finding): string {
  return `${level.padEnd(WIDEST_LEVEL)}  ${check.padEnd(WIDEST_CHECK)}  ${text}\n`;
}
