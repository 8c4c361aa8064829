import type { PulseConfig } from '../config/config.js';
import { PulseError } from '../pulse/errors.js';
import { normaliseLanguage } from '../pulse/languages.js';
import { sampleRateOf } from '../pulse/options.js';
import { PulseStream } from '../pulse/stream.js';
import { failed, ok, type Verdict, warning } from './finding.js';

/** Of silence that is sent: the shortest that a recogniser answers to. It is billed. */
const SILENCE_MS = 500;
const ANSWER_MS = 10_000;

/** Opens one stream with the worker's own options, sends half a second of silence, and ends it. */
export async function checkPulse(
  { apiKey, baseUrl, recognition }: PulseConfig,
  signal: AbortSignal,
): Promise<Verdict> {
  const started = performance.now();
  const { host } = new URL(baseUrl);
  const language = normaliseLanguage(recognition.language ?? 'en', 'streaming') ?? '';
  let openedMs: number | undefined;
  let problem: Error | undefined;
  let settle: () => void = () => undefined;
  // Or refused, or given up.
  const opened = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const stream = new PulseStream(
    { apiKey, baseUrl, ...recognition, lastTimeoutMs: ANSWER_MS, endTimeoutMs: ANSWER_MS },
    {
      onEvent(event) {
        if (event.type !== 'connection') return;
        if (event.state === 'live') openedMs ??= performance.now() - started;
        if (event.state !== 'connecting') settle();
        if (!event.error || problem) return;
        problem = event.error;
        // It would try again; the first refusal is what is to be known.
        stream.close();
      },
    },
  );
  const close = () => stream.close();
  signal.addEventListener('abort', close);
  try {
    stream.push(new Int16Array((sampleRateOf(recognition) * SILENCE_MS) / 1000), 0);
    await opened;
    await stream.end();
  } finally {
    signal.removeEventListener('abort', close);
    stream.close();
  }
  if (problem) return problemVerdict(problem);
  if (openedMs === undefined) {
    return failed(`${host} does not answer: check SMALLEST_BASE_URL and the network`);
  }
  return ok(`${host} took a stream in ${language} and answered after ${Math.round(openedMs)} ms`);
}

function problemVerdict(problem: Error): Verdict {
  if (!(problem instanceof PulseError)) return failed(problem.message);
  // Others of the account use them all at the moment: what is configured here is right.
  const busy = problem.code === 'no_stream' || problem.code === 'rate_limited';
  return busy ? warning(problem.message) : failed(problem.message);
}
