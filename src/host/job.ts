import { AutoSubscribe, defineAgent } from '@livekit/agents';
import { loadConfig } from '../config/config.js';
import { createLogger } from '../logging.js';
import { RoomCaptioner } from '../room/captioner.js';
import { TranscriptStore } from '../transcript/store/store.js';

interface JobData extends Record<string, unknown> {
  captioner?: RoomCaptioner;
  transcripts?: TranscriptStore | undefined;
}

/** What the framework runs in the process of one room. */
export default defineAgent<JobData>({
  entry: async (context) => {
    const config = loadConfig(process.env);
    const { id, room } = context.job;
    const logger = createLogger(config.log.level).child({ room: room?.sid, job: id });
    const transcripts = config.transcript && new TranscriptStore(config.transcript, logger);
    const captioner = new RoomCaptioner({ room: context.room, config, logger, transcripts });
    context.proc.userData.captioner = captioner;
    context.proc.userData.transcripts = transcripts;
    transcripts?.start();
    await context.connect(undefined, AutoSubscribe.SUBSCRIBE_NONE);
    await captioner.start();
  },
  // Not a shutdown callback: those run after the room has been left, when the last words would reach nobody.
  onSessionEnd: async (context) => {
    await context.proc.userData.captioner?.end();
    await context.proc.userData.transcripts?.close();
  },
});
