import { sampleRateOf, type PulseStreamOptions } from './options.js';
import type { MachineOptions } from './states.js';

/** What the state machine needs of a stream's options, with their defaults. */
export function machineOptions(options: PulseStreamOptions): MachineOptions {
  return {
    sampleRate: sampleRateOf(options),
    wireBytes: (options.encoding ?? 'linear16') === 'linear16' ? 2 : 1,
    vadEvents: options.vadEvents === true,
    finalsOnly: hidesInterims(options),
    bufferMs: options.bufferMs ?? 60_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    silenceLimitMs: options.silenceLimitMs ?? 5000,
    lastTimeoutMs: options.lastTimeoutMs ?? 5000,
    endTimeoutMs: options.endTimeoutMs ?? 60_000,
    idleCloseMs: options.idleCloseMs ?? 30_000,
  };
}

/** They may show what finals redact. */
export function hidesInterims(options: PulseStreamOptions): boolean {
  const { redactPii, redactPci, unredactedInterims } = options;
  return (redactPii === true || redactPci === true) && unredactedInterims !== true;
}
