import type { PulseServer } from '../../pulse-server/index.js';

/** What may go wrong with Pulse for a while, or all at once. */
export const TROUBLES = [
  'reset',
  'close',
  'no stream',
  'hang',
  'unavailable',
  'limited',
  'slow',
  'stall',
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** @returns how long it lasts, in milliseconds; then the server is to be told that it is over */
export function bring(trouble: Trouble, { faults }: PulseServer, random: () => number): number {
  const ms = 1000 + random() * 5000;
  switch (trouble) {
    case 'reset':
      faults.resetAll();
      return 0;
    case 'close':
      faults.closeAll(1011, 'going away');
      return 0;
    case 'hang':
      faults.hang({ existing: true });
      return 0;
    case 'no stream':
      faults.streamLimit = 0;
      faults.closeAll(1008, 'too many streams');
      return ms;
    case 'unavailable':
      faults.refuse({ status: 503, message: 'not now', forMs: ms });
      faults.resetAll();
      return ms;
    case 'limited':
      faults.refuse({ status: 429, message: 'slow down', retryAfter: 1, forMs: ms });
      faults.resetAll();
      return ms;
    case 'slow':
      faults.slowMs = 400;
      return ms;
    case 'stall':
      faults.stall();
      return ms;
  }
}
