/**
 * Listens for SIGTERM and Ctrl-C: the first calls `first`, the next calls `second`, later ones do nothing.
 * @returns takes the listeners away
 */
export function onStopSignals(first: () => void, second: () => void): () => void {
  const steps = [first, second];
  const listener = () => steps.shift()?.();
  process.on('SIGTERM', listener);
  process.on('SIGINT', listener);
  return () => {
    process.off('SIGTERM', listener);
    process.off('SIGINT', listener);
  };
}
