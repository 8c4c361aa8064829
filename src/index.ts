/** For people who host the captioner in a program of their own. */
export { RoomCaptioner, type RoomCaptionerOptions } from './room/captioner.js';
export { connectOptions } from './room/connect-options.js';
export { StreamPool, type StreamPoolOptions } from './pulse/pool.js';
export { RoomError } from './room/errors.js';
export type { CaptionerState, Status } from './room/status.js';
export { type Config, ConfigError, type ConfigFault, loadConfig } from './config/config.js';
export type { Caption, Speaker, TrackSource } from './captions/caption.js';
export { createLogger, type Logger } from './logging.js';
