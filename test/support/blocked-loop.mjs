import { clearInterval, setInterval } from 'node:timers';

/**
 * Loaded into a worker by NODE_OPTIONS: from SIGUSR2 on the process's event loop is blocked most of the time, as if its
 * core had far too much to do, until the next SIGUSR2.
 */
const BLOCKED_MS = 150;
const FREE_MS = 10;
const never = new Int32Array(new SharedArrayBuffer(4));

let blocking;
process.on('SIGUSR2', () => {
  if (blocking) {
    clearInterval(blocking);
    blocking = undefined;
  } else {
    blocking = setInterval(() => Atomics.wait(never, 0, 0, BLOCKED_MS), FREE_MS);
  }
});
