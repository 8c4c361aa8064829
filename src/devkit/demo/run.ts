import { relative, resolve } from 'node:path';
import { dispose } from '@livekit/rtc-node';
import { Closers } from './closers.js';
import { startConversation } from './conversation.js';
import type { DemoOptions } from './options.js';
import { startLiveKit, startPage, startPulse } from './services.js';
import { filesSince } from './transcripts.js';
import { startWorker } from './worker.js';

const ROOM = 'demo';

/** Why the demo stops, when nothing went wrong. */
const ASKED_TO_STOP = 'asked to stop';

const log = (line: string) => console.log(line);

/**
 * Everything on this machine: LiveKit, the recogniser, the worker, the page, and people who talk.
 * @returns the exit code
 */
export async function runDemo(options: DemoOptions, env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = Date.now();
  const life = new AbortController();
  const releaseSignals = stopOnSignals(life);
  const closers = new Closers();
  let timer: NodeJS.Timeout | undefined;
  try {
    await startAll(options, env, life, closers);
    if (options.seconds !== undefined) {
      timer = setTimeout(() => life.abort(ASKED_TO_STOP), options.seconds * 1000);
    }
    await aborted(life.signal);
  } catch (error) {
    // What was under way when the demo was told to stop fails as a consequence.
    life.abort(error);
  }
  clearTimeout(timer);
  const { reason } = life.signal as { reason: unknown };
  const failed = reason !== ASKED_TO_STOP;
  if (failed) console.error(`\n${reason instanceof Error ? reason.message : String(reason)}`);
  log('\nStopping …');
  await closers.closeAll(log);
  await dispose();
  releaseSignals();
  await sayWhereTranscriptsAre(env, startedAt);
  return failed ? 1 : 0;
}

/** Each thing is stopped before those that it needs: in the reverse of this order. */
async function startAll(
  options: DemoOptions,
  env: NodeJS.ProcessEnv,
  life: AbortController,
  closers: Closers,
): Promise<void> {
  const { signal } = life;
  const endsEarly = (exited: Promise<unknown>, name: string) => {
    void exited.then(() => life.abort(new Error(`${name} has ended by itself.`)));
  };

  const surroundings = { env, log, signal };
  const livekitStarts = startLiveKit(surroundings).then((livekit) => {
    closers.add('LiveKit', () => livekit.close());
    endsEarly(livekit.exited, 'The LiveKit server');
    return livekit;
  });
  const pulseStarts = startPulse(surroundings).then((pulse) => {
    closers.add('The recogniser', () => pulse.close());
    return pulse;
  });
  // The first time one compiles for minutes and the other downloads: both at once, and both end if one fails.
  for (const starts of [livekitStarts, pulseStarts]) {
    starts.catch((error: unknown) => life.abort(error));
  }
  await Promise.allSettled([livekitStarts, pulseStarts]);
  const [livekit, pulse] = await Promise.all([livekitStarts, pulseStarts]);

  const page = await startPage(livekit, ROOM, options.port);
  closers.add('The page', () => page.close());
  const worker = await startWorker(
    {
      ...env,
      ...pulse.env,
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
      AGENT_NAME: '',
      TRANSCRIPT_DIR: transcriptDir(env) ?? '',
      HEALTH_PORT: env['HEALTH_PORT'] ?? '0',
      // The recogniser and the people are on the same machine.
      MAX_CPU_PERCENT: '100',
    },
    (line) => log(`worker: ${line}`),
    signal,
  );
  closers.add('The worker', () => worker.stop());
  endsEarly(worker.exited, 'The worker');
  closers.add('The rooms', () => livekit.endRooms());

  let who = 'Nobody talks there until you do.';
  if (options.people) {
    signal.throwIfAborted();
    const conversation = await startConversation({ ...livekit, room: ROOM });
    closers.add('The recorded people', () => conversation.close());
    conversation.ended.catch((error: unknown) => life.abort(error));
    who = `${conversation.people.join(', ')} are talking there already (recordings).`;
  }
  signal.throwIfAborted();
  const line = '─'.repeat(72);
  log(`\n${line}\n  Open  ${page.url}  and join the room "${ROOM}".\n  ${who}`);
  log(`  Ctrl-C stops everything.\n${line}\n`);
}

/** The first signal stops the demo in order, the second at once; children are killed either way. */
function stopOnSignals(life: AbortController): () => void {
  let signals = 0;
  const listener = () => {
    signals += 1;
    if (signals > 1) process.exit(130);
    life.abort(ASKED_TO_STOP);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, listener);
  return () => {
    for (const name of names) process.off(name, listener);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Undefined: transcripts are switched off. */
function transcriptDir(env: NodeJS.ProcessEnv): string | undefined {
  const dir = env['TRANSCRIPT_DIR'] ?? './transcripts';
  return dir ? resolve(dir) : undefined;
}

async function sayWhereTranscriptsAre(env: NodeJS.ProcessEnv, since: number): Promise<void> {
  const dir = transcriptDir(env);
  const files = dir ? await filesSince(dir, since) : [];
  if (files.length === 0) log('No transcript was written.');
  else log(['The transcript is in', ...files.map((file) => `  ${relative('.', file)}`)].join('\n'));
}
