import { setMaxListeners } from 'node:events';
import { loadConfig } from '../../config/config.js';
import { createLogger } from '../../logging.js';
import { TranscriptStore } from '../../transcript/store/store.js';
import { RoomProcessMain } from './room-process-main.js';

/** What the supervisor forks. It ends when it is told to, or with its last room when the supervisor is gone. */
// rtc-node has a listener on one signal of a room for each call that is under way: many captions at once are no leak.
setMaxListeners(0);
const config = loadConfig(process.env);
const logger = createLogger(config.log.level).child({
  process: process.env['CAPTIONS_PROCESS_ID'],
});
const transcripts = config.transcript && new TranscriptStore(config.transcript, logger);
transcripts?.start();
const traces = config.log.traces
  ? new (await import('../../tracing/traces.js')).Traces(logger)
  : undefined;
const rooms = new RoomProcessMain({
  config,
  transcripts,
  traces,
  logger,
  send: (message) =>
    new Promise((resolve) => {
      if (process.connected && process.send) process.send(message, () => resolve());
      else resolve();
    }),
});
process.on('message', (message) => rooms.handle(message as Parameters<typeof rooms.handle>[0]));
process.on('disconnect', () => rooms.orphaned());
// The supervisor decides when rooms end; the terminal's Ctrl-C reaches us as well.
const onSignal = () => {
  if (!process.connected) rooms.stop();
};
process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
await rooms.ended;
await transcripts?.close();
await traces?.close();
await rooms.close();
process.exit(0);
