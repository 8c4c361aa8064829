/* What the document about operating shows: a captioner in an agent of LiveKit's framework. */
import { fileURLToPath } from 'node:url';
import {
  AgentServer,
  AutoSubscribe,
  defineAgent,
  initializeLogger,
  ServerOptions,
} from '@livekit/agents';
import { createLogger, loadConfig, RoomCaptioner } from '../../dist/index.js';

export default defineAgent({
  entry: async (context) => {
    await context.connect(undefined, AutoSubscribe.SUBSCRIBE_NONE);
    const captioner = new RoomCaptioner({
      room: context.room,
      config: loadConfig(process.env),
      logger: createLogger('info'),
      dispatchMetadata: context.job.metadata,
    });
    await captioner.start();
    context.addShutdownCallback(() => captioner.end());
  },
});

const file = fileURLToPath(import.meta.url);
if (process.argv[1] === file) {
  initializeLogger({ pretty: false, level: 'warn' });
  const server = new AgentServer(
    new ServerOptions({
      agent: file,
      wsURL: process.env.LIVEKIT_URL,
      apiKey: process.env.LIVEKIT_API_KEY,
      apiSecret: process.env.LIVEKIT_API_SECRET,
      port: 0,
      numIdleProcesses: 1,
      loadThreshold: 1,
      loadFunc: () => Promise.resolve(0),
    }),
  );
  server.event.on('worker_registered', () => console.log('ready'));
  await server.run();
}
