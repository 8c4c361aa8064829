import { startPulseServer } from '../pulse-server/index.js';
import { createCountingRecogniser } from './counting-recogniser.js';

/** The stand-in in a process of its own, so that what is measured is the client. Its parent tells it what to do. */
const server = await startPulseServer({ recogniser: createCountingRecogniser() });

process.on('message', (message) => {
  if (message === 'down') {
    server.down();
    server.faults.resetAll();
  }
  if (message === 'up') void server.up();
});
process.on('disconnect', () => process.exit(0));
process.send?.(server.url);
