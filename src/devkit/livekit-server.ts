export { LiveKitServerError } from './livekit-server/errors.js';
export { ensureLiveKitServer } from './livekit-server/ensure.js';
export {
  startLiveKitServer,
  type LiveKitServer,
  type LiveKitServerOptions,
} from './livekit-server/start.js';
