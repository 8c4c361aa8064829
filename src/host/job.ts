import { AutoSubscribe, defineAgent } from '@livekit/agents';
import { loadConfig } from '../config/config.js';
import { createLogger } from '../logging.js';
import { RoomCaptioner } from '../room/captioner.js';
import { connectOptions } from '../room/connect-options.js';

interface JobData extends Record<string, unknown> {
  captioner?: RoomCaptioner;
}

/** What the framework runs in the process of one room. */
export default defineAgent<JobData>({
  entry: async (context) => {
    const config = loadConfig(process.env);
    const { id, room } = context.job;
    const logger = createLogger(config.log.level).child({ room: room?.sid, job: id });
    const dispatchMetadata = context.job.metadata;
    const captioner = new RoomCaptioner({ room: context.room, config, logger, dispatchMetadata });
    context.proc.userData.captioner = captioner;
    const { encryption } = connectOptions(config.livekit.sharedKey);
    await context.connect(encryption, AutoSubscribe.SUBSCRIBE_NONE);
    await captioner.start();
  },
  // Not a shutdown callback: those run after the room has been left, when the last words would reach nobody.
  onSessionEnd: async (context) => {
    await context.proc.userData.captioner?.end();
  },
});
