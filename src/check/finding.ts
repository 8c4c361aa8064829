/** What is looked at, in the order in which a reader wants to see it. */
export const CHECKS = [
  'configuration',
  'livekit address',
  'clock',
  'livekit key',
  'worker',
  'room',
  'media',
  'rpc',
  'pulse',
  'transcripts',
  'store',
  'webhook',
  'health port',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** `skipped`: something that it needs has failed, or it is turned off. */
export type Level = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Verdict {
  readonly level: Level;
  /** What was found, and where something is wrong, what to do about it. Without secrets. */
  readonly text: string;
}

export interface Finding extends Verdict {
  readonly check: CheckName;
}

/** Takes a finding when it is there. Each check has one. */
export type Report = (finding: Finding) => void;

export const ok = (text: string): Verdict => ({ level: 'ok', text });
export const warning = (text: string): Verdict => ({ level: 'warning', text });
export const failed = (text: string): Verdict => ({ level: 'failed', text });
export const skipped = (text: string): Verdict => ({ level: 'skipped', text });

/** @returns what `work` finds, or that it took too long or broke */
export async function verdictOf(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Verdict>,
): Promise<Verdict> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(failed(`nothing within ${limitMs / 1000} s: see whether a firewall drops packets`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work(stop.signal), late]);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
